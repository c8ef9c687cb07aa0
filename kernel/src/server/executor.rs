//! Executes queued cells, one after the other.

use super::engine::SharedEngine;
use super::evaluation::{Data, evaluate, media};
use super::iopub::IoPub;
use super::router::Router;
use super::{completion_requests, error_reply, expressions};
use crate::cell::commands::{self, help_of};
use crate::history::History;
use crate::ipc::CellError;
use jupyter_protocol::{
    ErrorOutput, ExecuteInput, ExecuteReply, ExecuteRequest, ExecuteResult, ExecutionCount,
    JupyterMessage, JupyterMessageContent, Payload, ReplyError, ReplyStatus, Transient,
};
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::mpsc;

/// The sending end of the queue of cells.
#[derive(Clone)]
pub struct Executor {
    queue: mpsc::UnboundedSender<JupyterMessage>,
    current: CurrentCell,
}

type CurrentCell = Arc<Mutex<Option<Arc<JupyterMessage>>>>;

impl Executor {
    pub fn start(engine: SharedEngine, iopub: IoPub, shell: Router, history: History) -> Executor {
        let (queue, inbox) = mpsc::unbounded_channel();
        let current = CurrentCell::default();
        let worker = Worker {
            engine,
            iopub,
            shell,
            history,
            inbox,
            current: current.clone(),
            count: 0,
        };
        tokio::spawn(worker.work());
        Executor { queue, current }
    }

    /// Queues an `execute_request`.
    pub fn queue(&self, request: JupyterMessage) {
        // Never fails: the worker lives as long as the process.
        let _ = self.queue.send(request);
    }

    /// Returns the request whose cell is running.
    pub fn current(&self) -> Option<Arc<JupyterMessage>> {
        locked(&self.current).clone()
    }
}

fn locked(current: &CurrentCell) -> MutexGuard<'_, Option<Arc<JupyterMessage>>> {
    current
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

struct Worker {
    engine: SharedEngine,
    iopub: IoPub,
    shell: Router,
    history: History,
    inbox: mpsc::UnboundedReceiver<JupyterMessage>,
    current: CurrentCell,
    count: usize,
}

impl Worker {
    async fn work(mut self) {
        while let Some(request) = self.inbox.recv().await {
            let JupyterMessageContent::ExecuteRequest(cell) = request.content.clone() else {
                continue;
            };
            let request = Arc::new(request);
            *locked(&self.current) = Some(request.clone());
            self.engine.begin_request();
            self.iopub.busy(&request);
            let failed = self.execute(&request, &cell).await;
            *locked(&self.current) = None;
            self.iopub.idle(&request);
            if failed && cell.stop_on_error {
                self.abort_queued().await;
            }
        }
    }

    /// Executes one cell, publishes the result and sends the reply. Returns whether the cell failed.
    async fn execute(&mut self, request: &Arc<JupyterMessage>, cell: &ExecuteRequest) -> bool {
        if cell.store_history && !cell.silent {
            self.count += 1;
        }
        let execution_count = ExecutionCount::new(self.count);
        if !cell.silent {
            let code = cell.code.clone();
            self.iopub.send(
                request,
                ExecuteInput {
                    code,
                    execution_count,
                },
            );
        }
        let mut reply = ExecuteReply {
            execution_count,
            user_expressions: Some(Default::default()),
            ..Default::default()
        };
        self.store_input(cell).await;
        self.engine.take_timings();
        let outcome = match help_of(&cell.code) {
            Some(name) => self.help(name).await.map(|page| {
                reply.payload.push(page);
                Vec::new()
            }),
            None => evaluate(&self.engine, request, &cell.code, cell.silent).await,
        };
        let metadata = match self.engine.take_timings() {
            Some(timings) => json!({ "threadbook": timings }),
            None => json!({}),
        };
        match outcome {
            Ok(data) => {
                self.inform_completion(cell);
                self.store_output(cell, &data).await;
                let expressions = cell.user_expressions.iter().flatten();
                let evaluated =
                    expressions::evaluate(&self.engine, request, cell.silent, expressions);
                reply.user_expressions = Some(evaluated.await);
                if !cell.silent && !data.is_empty() {
                    self.iopub.send(request, result(execution_count, data));
                }
            }
            Err(error) => {
                reply.status = ReplyStatus::Error;
                reply.error = Some(Box::new(ReplyError {
                    ename: error.ename.clone(),
                    evalue: error.evalue.clone(),
                    traceback: error.traceback.clone(),
                }));
                if !cell.silent {
                    let CellError {
                        ename,
                        evalue,
                        traceback,
                    } = error;
                    self.iopub.send(
                        request,
                        ErrorOutput {
                            ename,
                            evalue,
                            traceback,
                        },
                    );
                }
            }
        }
        let failed = reply.status == ReplyStatus::Error;
        // Once clients have the reply, they may expect everything published before it.
        self.iopub.flush().await;
        self.shell.reply_with(request, reply, metadata).await;
        failed
    }

    /// Informs the completion process of the executed cell.
    fn inform_completion(&self, cell: &ExecuteRequest) {
        if cell.code.trim().is_empty() || help_of(&cell.code).is_some() {
            return;
        }
        let completion = self.engine.completion();
        if commands::names(&cell.code).any(|name| name == ":clear") {
            completion.forget();
        }
        completion.executed(&cell.code, self.engine.variables());
    }

    /// Returns the page for a cell that asks for help.
    async fn help(&self, name: &str) -> Result<Payload, CellError> {
        match completion_requests::help(self.engine.completion(), name).await {
            Some(data) => Ok(Payload::Page { data, start: 0 }),
            None => Err(CellError::new("NameError", format!("cannot find `{name}`"))),
        }
    }

    async fn store_input(&self, cell: &ExecuteRequest) {
        let (history, count, code) = (self.history.clone(), self.count as u64, cell.code.clone());
        if cell.store_history && !cell.silent {
            let stored = tokio::task::spawn_blocking(move || history.store_input(count, &code));
            let _ = stored.await;
        }
    }

    async fn store_output(&self, cell: &ExecuteRequest, data: &Data) {
        let text = data.iter().find(|(mime, _)| mime == "text/plain");
        if let Some((_, text)) = text.filter(|_| cell.store_history && !cell.silent) {
            let (history, count, text) = (self.history.clone(), self.count as u64, text.clone());
            let stored = tokio::task::spawn_blocking(move || history.store_output(count, &text));
            let _ = stored.await;
        }
    }

    /// Aborts the cells queued behind one that failed.
    async fn abort_queued(&mut self) {
        while let Ok(request) = self.inbox.try_recv() {
            self.iopub.busy(&request);
            // Like ipykernel, omit execution_count: the cell has not run, and front ends would number it.
            let reply = error_reply::reply("execute_reply", json!({ "status": "aborted" }));
            self.shell.reply(&request, reply).await;
            self.iopub.idle(&request);
        }
    }
}

fn result(execution_count: ExecutionCount, data: Data) -> JupyterMessageContent {
    let mut result = ExecuteResult::new(execution_count, media(data));
    // The protocol allows an object or nothing here, but not null.
    result.transient = Some(Transient::default());
    result.into()
}
