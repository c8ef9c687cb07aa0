//! A kernel for testing the runner: this test program, started again to run only [`serve`].
//!
//! A cell's code is a list of commands, one per line; see `Kernel::execute`.

use std::net::TcpListener;

use bytes::Bytes;
use jupyter_protocol::connection_info::ConnectionInfo;
use jupyter_protocol::{JupyterKernelspec, JupyterMessage, JupyterMessageContent, UnknownMessage};
use serde_json::{Value, json};
use tokio::net::UnixStream;
use zeromq::{RouterSocket, Socket, SocketRecv, SocketSend, XPubSocket};

use crate::jupyter::connection;
use crate::jupyter::spec;
use crate::jupyter::wire::{self, Key};

/// Returns the kernel; a welcoming one greets each iopub subscriber.
pub fn kernel(welcoming: bool) -> spec::Kernel {
    let program = std::env::current_exe()
        .unwrap()
        .into_os_string()
        .into_string()
        .unwrap();
    let test = "run::fake_kernel::serve";
    let arguments = [
        "--ignored",
        "--exact",
        "--nocapture",
        test,
        "{connection_file}",
    ];
    let env = [("FAKE_KERNEL_WELCOMES".to_owned(), welcoming.to_string())];
    spec::Kernel {
        name: "fake".to_owned(),
        folder: None,
        spec: JupyterKernelspec {
            argv: [program.as_str()]
                .into_iter()
                .chain(arguments)
                .map(str::to_owned)
                .collect(),
            display_name: "Fake".to_owned(),
            language: "none".to_owned(),
            metadata: None,
            interrupt_mode: Some("message".to_owned()),
            env: Some(env.into()),
        },
    }
}

#[tokio::test]
#[ignore = "not a test but the kernel that the tests start"]
async fn serve() {
    let Some(path) = std::env::args()
        .next_back()
        .filter(|path| path.ends_with(".json"))
    else {
        return;
    };
    let info = connection::read(path.as_ref()).unwrap();
    if let Ok(last_words) = std::env::var("FAKE_KERNEL_DIES") {
        die_while_connecting(&info, &last_words);
    }
    let mut kernel = Kernel::bind(&info).await;
    let mut heartbeats = RouterSocket::new();
    heartbeats.bind(&info.hb_url()).await.unwrap();
    loop {
        let request = tokio::select! {
            frames = kernel.shell.recv() => wire::decode(frames.unwrap(), &kernel.key).unwrap(),
            frames = kernel.control.recv() => {
                assert_eq!(wire::decode(frames.unwrap(), &kernel.key).unwrap().message_type(), "shutdown_request");
                return;
            }
            subscription = kernel.iopub.recv() => {
                if kernel.welcoming && subscription.is_ok() {
                    kernel.publish(None, "iopub_welcome", json!({"subscription": ""})).await;
                }
                continue;
            }
        };
        kernel
            .publish(Some(&request), "status", json!({"execution_state": "busy"}))
            .await;
        let (kind, content) = match &request.content {
            JupyterMessageContent::KernelInfoRequest(_) => ("kernel_info_reply", kernel.info()),
            JupyterMessageContent::ExecuteRequest(execute) => (
                "execute_reply",
                kernel.execute(&request, &execute.code).await,
            ),
            other => panic!("{other:?}"),
        };
        kernel.reply(&request, kind, content).await;
        if !kernel.silent {
            kernel
                .publish(Some(&request), "status", json!({"execution_state": "idle"}))
                .await;
        }
    }
}

/// Accepts the runner's probe and its connection, closes both, and exits only after that.
fn die_while_connecting(info: &ConnectionInfo, last_words: &str) -> ! {
    let listener = TcpListener::bind((info.ip.as_str(), info.iopub_port)).unwrap();
    for _ in 0..2 {
        drop(listener.accept().unwrap());
    }
    eprintln!("{last_words}");
    std::process::exit(1);
}

struct Kernel {
    key: Key,
    shell: RouterSocket,
    control: RouterSocket,
    stdin: RouterSocket,
    iopub: XPubSocket,
    welcoming: bool,
    silent: bool,
    count: u32,
    first: Option<JupyterMessage>,
}

impl Kernel {
    async fn bind(info: &ConnectionInfo) -> Self {
        let (mut shell, mut control, mut stdin) = (
            RouterSocket::new(),
            RouterSocket::new(),
            RouterSocket::new(),
        );
        let mut iopub = XPubSocket::new();
        shell.bind(&info.shell_url()).await.unwrap();
        control.bind(&info.control_url()).await.unwrap();
        stdin.bind(&info.stdin_url()).await.unwrap();
        iopub.bind(&info.iopub_url()).await.unwrap();
        Self {
            key: Key::of(info).unwrap(),
            shell,
            control,
            stdin,
            iopub,
            welcoming: std::env::var("FAKE_KERNEL_WELCOMES").is_ok_and(|value| value == "true"),
            silent: false,
            count: 0,
            first: None,
        }
    }

    fn info(&self) -> Value {
        let features = if self.welcoming {
            json!(["iopub_welcome"])
        } else {
            json!([])
        };
        json!({"status": "ok", "language_info": {"name": "none"}, "supported_features": features})
    }

    /// Executes the commands of a cell; returns the content of the reply.
    async fn execute(&mut self, request: &JupyterMessage, code: &str) -> Value {
        self.count += 1;
        self.silent = false;
        self.first.get_or_insert_with(|| request.clone());
        for line in code.lines() {
            let (command, text) = line.split_once(' ').unwrap_or((line, ""));
            match command {
                "print" => self.print(request, text).await,
                "print-late" => {
                    let first = self.first.clone().unwrap();
                    self.print(&first, text).await;
                }
                "fail" => {
                    let error = json!({"ename": "Failed", "evalue": text, "traceback": ["where"]});
                    self.publish(Some(request), "error", error.clone()).await;
                    return reply("error", self.count, error);
                }
                "fail-quietly" => {
                    let error = json!({"ename": "Failed", "evalue": text, "traceback": []});
                    return reply("error", self.count, error);
                }
                "die" => {
                    eprintln!("last words");
                    std::process::exit(3);
                }
                "hang" => {
                    let interrupt = self.control.recv().await.unwrap();
                    let interrupt = wire::decode(interrupt, &self.key).unwrap();
                    assert_eq!(interrupt.message_type(), "interrupt_request");
                    let error =
                        json!({"ename": "Interrupted", "evalue": "", "traceback": ["in the loop"]});
                    self.publish(Some(request), "error", error.clone()).await;
                    return reply("error", self.count, error);
                }
                // Signals the test that the cell has started.
                "call" => drop(UnixStream::connect(text).await.unwrap()),
                "flood" => loop {
                    self.print(request, "flood").await;
                },
                "ask" => {
                    let mut question = message(
                        Some(request),
                        "input_request",
                        json!({"prompt": "?", "password": false}),
                    );
                    question.zmq_identities.clone_from(&request.zmq_identities);
                    self.stdin
                        .send(wire::encode(&question, &self.key))
                        .await
                        .unwrap();
                    let answer = wire::decode(self.stdin.recv().await.unwrap(), &self.key).unwrap();
                    assert_eq!(answer.parent_header.unwrap().msg_id, question.header.msg_id);
                    let JupyterMessageContent::InputReply(answer) = answer.content else {
                        panic!()
                    };
                    self.print(request, &format!("answer: {:?}", answer.value))
                        .await;
                }
                "never-idle" => self.silent = true,
                other => panic!("unknown command {other}"),
            }
        }
        reply("ok", self.count, json!({}))
    }

    async fn print(&mut self, parent: &JupyterMessage, text: &str) {
        self.publish(
            Some(parent),
            "stream",
            json!({"name": "stdout", "text": format!("{text}\n")}),
        )
        .await;
    }

    async fn publish(&mut self, parent: Option<&JupyterMessage>, kind: &str, content: Value) {
        let mut message = message(parent, kind, content);
        message.zmq_identities = vec![Bytes::from_static(b"topic")];
        self.iopub
            .send(wire::encode(&message, &self.key))
            .await
            .unwrap();
    }

    async fn reply(&mut self, request: &JupyterMessage, kind: &str, content: Value) {
        let message = message(Some(request), kind, content);
        self.shell
            .send(wire::encode(&message, &self.key))
            .await
            .unwrap();
    }
}

fn message(parent: Option<&JupyterMessage>, kind: &str, content: Value) -> JupyterMessage {
    let content = UnknownMessage {
        msg_type: kind.to_owned(),
        content,
    };
    JupyterMessage::new(content, parent)
}

fn reply(status: &str, count: u32, error: Value) -> Value {
    let mut reply = error;
    reply["status"] = json!(status);
    reply["execution_count"] = json!(count);
    reply
}
