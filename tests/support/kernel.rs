//! Drives a kernel through Jupyter's client library and collects its messages.

use super::sandbox::Sandbox;
use super::venv::Venv;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The time limit for a cell in tests that do not measure time.
pub const BOUND: Duration = Duration::from_secs(180);

/// Returns the first cell of a notebook outside the project.
pub fn setup() -> String {
    let root = super::sandbox::root();
    format!(":dep threadbook = {{ path = {root:?} }}\nuse threadbook::prelude::*;")
}

/// A running kernel. Dropping it kills it.
pub struct Kernel {
    client: Child,
    commands: Option<ChildStdin>,
    events: Receiver<Value>,
    sent: u32,
    seen: Vec<Message>,
    log: PathBuf,
    /// The kernel's process id.
    pub pid: u32,
}

/// A message from the kernel.
#[derive(Clone, Debug)]
pub struct Message {
    pub channel: String,
    pub kind: String,
    pub id: String,
    /// The id of the request that caused it.
    pub parent: String,
    pub content: Value,
    /// In seconds since 1970.
    pub received: f64,
}

impl Kernel {
    /// Starts the installed threadbook kernel in the sandbox's work directory, and waits until it is ready.
    #[track_caller]
    pub fn start(venv: &Venv, sandbox: &Sandbox) -> Kernel {
        Kernel::start_with(venv, sandbox, &[])
    }

    /// As [`Kernel::start`], with environment variables.
    #[track_caller]
    pub fn start_with(venv: &Venv, sandbox: &Sandbox, environment: &[(&str, &str)]) -> Kernel {
        // The stderr of the client and the kernel.
        let log = sandbox.path("client.log");
        let stderr = File::create(&log).expect("a log file");
        let mut client = venv
            .python(sandbox, "client.py")
            .arg("threadbook")
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("python starts");
        let commands = client.stdin.take();
        let lines = BufReader::new(client.stdout.take().expect("a pipe")).lines();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).expect("the client prints JSON");
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        let mut kernel = Kernel {
            client,
            commands,
            events,
            sent: 0,
            seen: Vec::new(),
            log,
            pid: 0,
        };
        let ready = kernel.event(BOUND, "the kernel does not start");
        let pid = ready["pid"].as_u64().expect("a process id");
        kernel.pid = pid.try_into().expect("a process id");
        kernel
    }

    /// Executes a cell and waits until it has finished.
    #[track_caller]
    pub fn execute(&mut self, code: &str) -> Executed {
        let request = self.begin(code);
        self.finish(&request, BOUND)
    }

    /// Sends a request to execute a cell; returns its id.
    pub fn begin(&mut self, code: &str) -> String {
        let content = json!({
            "code": code, "silent": false, "store_history": true, "user_expressions": {}, "allow_stdin": false,
            "stop_on_error": true,
        });
        self.request("shell", "execute_request", content)
    }

    /// As [`Kernel::begin`], for a cell that may ask for input.
    pub fn begin_with_stdin(&mut self, code: &str) -> String {
        let content = json!({
            "code": code, "silent": false, "store_history": true, "user_expressions": {}, "allow_stdin": true,
            "stop_on_error": true,
        });
        self.request("shell", "execute_request", content)
    }

    /// Waits until a cell asks for input, and answers; returns the content of the input request.
    #[track_caller]
    pub fn answer(&mut self, answer: &str) -> Value {
        let messages = self.until(BOUND, |message| message.kind == "input_request");
        self.request(
            "stdin",
            "input_reply",
            json!({ "value": answer, "status": "ok" }),
        );
        messages.last().expect("the request").content.clone()
    }

    /// Waits for a cell's reply and the status `idle`; returns all its messages.
    #[track_caller]
    pub fn finish(&mut self, request: &str, bound: Duration) -> Executed {
        self.until_seen(request, bound, |executed| {
            let has = |wanted: fn(&Message) -> bool| executed.0.iter().any(wanted);
            has(|message| message.kind == "execute_reply")
                && has(|message| message.content["execution_state"] == "idle")
        })
    }

    /// Sends a request and waits until the kernel is idle again; returns the content of the reply.
    #[track_caller]
    pub fn ask(&mut self, channel: &str, kind: &str, content: Value) -> Value {
        let executed = self.tell(channel, kind, content);
        let reply = kind.replace("_request", "_reply");
        let found = executed.0.iter().find(|message| message.kind == reply);
        found
            .unwrap_or_else(|| panic!("no {reply}: {executed:#?}"))
            .content
            .clone()
    }

    /// Sends a message and waits until the kernel has handled it; returns all messages that it caused.
    #[track_caller]
    pub fn tell(&mut self, channel: &str, kind: &str, content: Value) -> Executed {
        let request = self.request(channel, kind, content);
        let is_answered = kind.ends_with("_request") && !kind.starts_with("unknown");
        self.until_seen(&request, BOUND, |executed| {
            let has = |wanted: &dyn Fn(&Message) -> bool| executed.0.iter().any(wanted);
            has(&|message| message.content["execution_state"] == "idle")
                && (!is_answered || has(&|message| message.kind.ends_with("_reply")))
        })
    }

    /// Sends a request; returns its id.
    pub fn request(&mut self, channel: &str, kind: &str, content: Value) -> String {
        self.sent += 1;
        let id = format!("request-{}", self.sent);
        self.command(&json!({ "send": kind, "channel": channel, "id": id, "content": content }));
        id
    }

    /// Answers the input request with the id `question`.
    pub fn answer_to(&mut self, question: &str, answer: &str) {
        self.sent += 1;
        self.command(&json!({
            "send": "input_reply", "channel": "stdin", "id": format!("request-{}", self.sent), "answers": question,
            "content": { "value": answer, "status": "ok" },
        }));
    }

    /// Returns the process id of the client, which started the kernel.
    pub fn client_pid(&self) -> u32 {
        self.client.id()
    }

    /// Sends an interrupt request on the control channel.
    pub fn interrupt(&mut self) {
        self.request("control", "interrupt_request", json!({}));
    }

    /// Waits for the next new message that is `wanted`; returns all new messages up to it.
    #[track_caller]
    pub fn until(
        &mut self,
        bound: Duration,
        mut wanted: impl FnMut(&Message) -> bool,
    ) -> Vec<Message> {
        let end = Instant::now() + bound;
        let first = self.seen.len();
        while !self.seen[first..].last().is_some_and(&mut wanted) {
            self.see(end, first);
        }
        self.seen[first..].to_vec()
    }

    /// Waits until the request's streams contain `text`; returns all their text so far.
    #[track_caller]
    pub fn until_shown(&mut self, request: &str, text: &str) -> String {
        let shown = |executed: &Executed| -> String {
            executed
                .streams()
                .into_iter()
                .map(|(_, text)| text)
                .collect()
        };
        let executed = self.until_seen(request, BOUND, |executed| shown(executed).contains(text));
        shown(&executed)
    }

    /// Waits until the request's messages, including earlier ones, are `enough`; returns them.
    #[track_caller]
    fn until_seen(
        &mut self,
        request: &str,
        bound: Duration,
        enough: impl Fn(&Executed) -> bool,
    ) -> Executed {
        let end = Instant::now() + bound;
        loop {
            let of_request = self.seen.iter().filter(|message| message.parent == request);
            let executed = Executed(of_request.cloned().collect());
            if enough(&executed) {
                return executed;
            }
            self.see(end, 0);
        }
    }

    /// Receives the next message.
    #[track_caller]
    fn see(&mut self, end: Instant, since: usize) {
        let left = end.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left) {
            Ok(event) => self.seen.push(message(&event)),
            Err(why) => panic!(
                "no such message: {why}; {:#?}; {}",
                &self.seen[since..],
                self.stderr()
            ),
        }
    }

    /// What the client and the kernel wrote to stderr, for the message of a failing test.
    fn stderr(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        format!("stderr: {}", String::from_utf8_lossy(&text))
    }

    /// Waits until the kernel has exited; returns its exit code, or the negated signal that killed it.
    #[track_caller]
    pub fn ended(&mut self, within: Duration) -> i64 {
        self.command(&json!({ "await_end": within.as_secs_f64() }));
        loop {
            let event = self.event(within + BOUND, "the kernel does not exit");
            if event["event"] == "ended" {
                return event["code"]
                    .as_i64()
                    .unwrap_or_else(|| panic!("the kernel did not exit within {within:?}"));
            }
        }
    }

    fn command(&mut self, command: &Value) {
        let commands = self.commands.as_mut().expect("open until drop");
        writeln!(commands, "{command}").expect("the client reads its stdin");
    }

    #[track_caller]
    fn event(&mut self, bound: Duration, problem: &str) -> Value {
        self.events
            .recv_timeout(bound)
            .unwrap_or_else(|why| panic!("{problem}: {why}; {}", self.stderr()))
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        // At the end of its stdin the client kills the kernel and exits.
        drop(self.commands.take());
        if let Err(error) = self.client.wait() {
            eprintln!("cannot wait for the client: {error}");
        }
    }
}

fn message(event: &Value) -> Message {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    Message {
        channel: text("channel"),
        kind: text("type"),
        id: text("id"),
        parent: text("parent"),
        content: event["content"].clone(),
        received: event["received"].as_f64().unwrap_or_default(),
    }
}

/// The messages that a request caused, in the order of their arrival.
#[derive(Clone, Debug)]
pub struct Executed(pub Vec<Message>);

impl Executed {
    /// Returns the stream messages: the stream's name and the text.
    pub fn streams(&self) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .filter(|message| message.kind == "stream")
            .filter_map(|message| {
                Some((
                    message.content["name"].as_str()?,
                    message.content["text"].as_str()?,
                ))
            })
            .collect()
    }

    /// Returns all text written to `stdout` or `stderr`.
    pub fn stream(&self, name: &str) -> String {
        self.streams()
            .iter()
            .filter(|(stream, _)| *stream == name)
            .map(|(_, text)| *text)
            .collect()
    }

    /// Returns the reply to the request.
    #[track_caller]
    pub fn reply(&self) -> &Message {
        self.0
            .iter()
            .find(|message| message.kind == "execute_reply")
            .expect("a reply")
    }

    /// Returns the text of the result.
    pub fn result(&self) -> Option<&str> {
        let result = self
            .0
            .iter()
            .find(|message| message.kind == "execute_result")?;
        result.content["data"]["text/plain"].as_str()
    }

    /// Fails the test unless the cell succeeded.
    #[track_caller]
    pub fn ok(self) -> Executed {
        let status = &self.reply().content["status"];
        assert_eq!(status, "ok", "{:#?}", self.0);
        self
    }

    /// Returns the content of the error message; fails the test if there is none.
    #[track_caller]
    pub fn error(&self) -> &Value {
        assert_eq!(self.reply().content["status"], "error", "{:#?}", self.0);
        let error = self.0.iter().find(|message| message.kind == "error");
        &error
            .unwrap_or_else(|| panic!("no error message: {:#?}", self.0))
            .content
    }
}
