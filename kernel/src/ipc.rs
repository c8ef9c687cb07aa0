//! The messages between the kernel, its engine and its runtime, sent over a Unix socket in a
//! directory that only the user can enter.
//!
//! The kernel listens; the engine and the runtime connect and identify themselves with [`Hello`].
//! Each frame is a length (four bytes, little endian) and a [postcard] record.
//!
//! [postcard]: https://docs.rs/postcard

mod explored;
mod framing;
mod waiting;
mod watched;

pub use explored::{
    Action, BlockedOn, Explored, ExploredEnd, ExploredKind, ExploredNote, ExploredObject,
    ExploredOutcome, ExploredStep, ExploredThread, Failure as ExploredFailure, RunExplored, Shown,
};
pub use framing::{decode, read_frame, receive_frame, send_frame, write_frame};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
pub use waiting::{Frame, HelperWait, Place, Position, Wait, WaitingThread};
pub use watched::{
    Activity, Cause, CodePlace, Contention, LockStep, LostUpdate, ObjectKind, Prints, Site,
    Started, Watched, WatchedArrow, WatchedObject, WatchedSpan, WatchedThread,
};

/// The environment variable that holds the socket's path.
pub const SOCKET_VAR: &str = "THREADBOOK_SOCKET";

/// The first frame of a connection.
#[derive(Debug, Serialize, Deserialize)]
pub enum Hello {
    Engine,
    /// The process id is also the id of the process group that an interrupt kills.
    Runtime {
        pid: u32,
    },
}

/// From the kernel to the engine.
#[derive(Debug, Serialize, Deserialize)]
pub enum EngineRequest {
    Execute {
        code: String,
    },
    /// Asks which line of which cell a line of a compiled source came from.
    Locate(Position),
    /// Asks which lines of cells places in libraries came from.
    Trace(Vec<Site>),
    /// Interrupts whatever the engine and the runtime are doing; does nothing when they are idle.
    /// `group` is the process group of the runtime that cells run in.
    Interrupt {
        group: Option<u32>,
    },
}

/// From the engine to the kernel.
#[derive(Debug, Serialize, Deserialize)]
pub enum EngineReply {
    /// The engine can take cells.
    Ready,
    /// No cell can be compiled here. Says why, and what helps.
    Broken(String),
    /// Progress of something slow before the cell runs, such as building the helper crate; text
    /// for stderr.
    Progress(String),
    /// All progress shown so far is out of date.
    ProgressEnded,
    /// Something that the user should know about earlier cells; text for stderr that stays.
    Note(String),
    /// The name and type of every variable. Precedes the answer to a successful `Execute`.
    Variables(Vec<(String, String)>),
    /// Where the time of an `Execute` went. Precedes the answer.
    Timings(Timings),
    /// The answer to an `Execute`.
    Executed(Executed),
    /// The answer to a `Locate`; `None` when the line came from elsewhere.
    Located(Option<Place>),
    /// The answer to a `Trace`: one for each place.
    Traced(Vec<Trace>),
}

/// A place, traced back to lines of cells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The functions on top of the cells' own code, the innermost first.
    pub functions: Vec<String>,
    /// The lines of cells, the innermost first.
    pub places: Vec<Place>,
    /// The lines of cells where the code at `places` has taken locks that it seems to hold still.
    pub held: Vec<Place>,
    /// For a place in the code, what its method is called on, as the cell names it: `balance` for `balance.lock()`.
    pub receiver: Option<String>,
}

/// Where the time of a cell went, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Parsing the cell, and generating the source around it.
    pub analysis: f64,
    /// Compiling, including finding the types of variables; excludes linking where that is known.
    pub compile: f64,
    /// Linking; known only if [`TIMINGS_VAR`] is set, because rustc must be asked to report it.
    pub link: Option<f64>,
    /// Running.
    pub run: f64,
    /// How often rustc was called.
    pub rustc: u32,
    /// How often a cached result made that unnecessary.
    pub reused: u32,
}

/// The environment variable that asks a kernel for all of [`Timings`].
pub const TIMINGS_VAR: &str = "THREADBOOK_TIMINGS";

/// The environment variable that asks a kernel to draw what the threads of each cell do, if there is something to see.
pub const WATCH_VAR: &str = "THREADBOOK_WATCH";

/// The environment variable that asks a kernel to record what the threads of each cell do, in a file of its own in the folder that it names.
pub const TRACE_VAR: &str = "THREADBOOK_TRACE";

/// How a cell ended.
#[derive(Debug, Serialize, Deserialize)]
pub enum Executed {
    /// The cell's result as pairs of MIME type and content; empty when it has none.
    Ok(Vec<(String, String)>),
    Interrupted,
    Err(CellError),
}

/// A Jupyter `error` message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellError {
    pub ename: String,
    pub evalue: String,
    /// Lines for the user, with ANSI colours.
    pub traceback: Vec<String>,
}

/// From the engine to the runtime, as a line of JSON: a cell to run.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunCell {
    /// The cell's number.
    pub number: u32,
    pub library: PathBuf,
    /// From which lines of cells the lines of the library's source came.
    pub lines: Vec<Lines>,
    /// Whether to record what its threads do.
    pub is_watched: bool,
    /// Whether to run it in many orders of its threads' steps first.
    pub explore: Option<RunExplored>,
}

/// Lines of a library's source that came from as many lines of a cell. Lines are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// The first line in the source.
    pub source: u32,
    pub count: u32,
    /// The cell's number.
    pub cell: u32,
    /// The first line in the cell.
    pub line: u32,
}

impl Lines {
    /// Returns the cell from which a line of the source came, and the line there.
    pub fn place(&self, source: u32) -> Option<(u32, u32)> {
        let index = source.checked_sub(self.source)?;
        (index < self.count).then_some((self.cell, self.line + index))
    }
}

/// From the runtime to the engine, as a line of JSON: how a cell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CellEnd {
    Done,
    Panicked,
    /// By `?` or by `return` with an error.
    LeftByError,
    /// By `return`, before its last line.
    Returned,
    /// It ended its process. A copy of the process goes on from the state before the cell.
    Crashed,
    /// It was interrupted while it was explored, and has not run itself.
    Interrupted,
}

/// From the kernel to the runtime.
#[derive(Debug, Serialize, Deserialize)]
pub enum RuntimeRequest {
    /// Asks for everything written so far, and then for [`RuntimeReply::Synced`].
    Sync,
    /// The answer to a [`RuntimeReply::InputRequest`]; `None` when nobody can be asked.
    Input(Option<String>),
    /// Asks what the threads of the running cell wait for: for [`RuntimeReply::Waiting`], and then for [`RuntimeReply::Synced`].
    Waiting,
}

/// From the runtime to the kernel. The runtime numbers the cells that it runs.
#[derive(Debug, Serialize, Deserialize)]
pub enum RuntimeReply {
    /// The current request has become cell `cell`.
    Began {
        cell: u32,
    },
    Output {
        cell: u32,
        stream: Stream,
        bytes: Vec<u8>,
    },
    Rich {
        cell: u32,
        message: Message,
    },
    /// What the threads of a watched cell did.
    Watched(Watched),
    /// How many orders of its threads' steps a cell has been run in so far, and about how many there are if that is known.
    Exploring {
        orders: u64,
        estimate: Option<f64>,
    },
    /// What a cell showed in many orders of its threads' steps.
    Explored(Explored),
    /// Nothing more will come from the cell.
    Ended {
        cell: u32,
    },
    /// Asks the user for a line. Only one question is open at a time.
    InputRequest {
        cell: u32,
        prompt: String,
        password: bool,
    },
    /// The cell's code left by `?`, panicked on the main thread, or ended its process.
    Failed(Failure),
    /// The threads of the running cell; none if no cell runs.
    Waiting(Vec<WaitingThread>),
    Synced,
}

/// Rich output, as the helper crate sends it; `src/display/` of that crate defines the same types.
#[derive(Debug, Serialize, Deserialize)]
pub enum Message {
    Display {
        id: Option<String>,
        data: Vec<(String, Content)>,
        /// The text of a JSON object, or empty.
        metadata: String,
    },
    Update {
        id: String,
        data: Vec<(String, Content)>,
        metadata: String,
    },
    Clear {
        wait: bool,
    },
}

/// The content of one MIME type.
#[derive(Debug, Serialize, Deserialize)]
pub enum Content {
    Text(String),
    /// JSON text.
    Json(String),
    /// Sent to clients as base64.
    Bytes(Vec<u8>),
}

/// Why a cell's code did not reach its end.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Failure {
    pub ename: String,
    pub message: String,
    pub position: Option<Position>,
    /// For a deadlock, the threads that wait for each other.
    pub waiting: Vec<WaitingThread>,
}

impl CellError {
    /// Creates an error whose traceback is only its message.
    pub fn new(ename: &str, evalue: impl Into<String>) -> CellError {
        let evalue = evalue.into();
        let text = format!("\x1b[1;31m{ename}\x1b[0m: {evalue}");
        CellError {
            ename: ename.to_owned(),
            evalue,
            traceback: text.lines().map(str::to_owned).collect(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stream {
    Stdout,
    Stderr,
}
