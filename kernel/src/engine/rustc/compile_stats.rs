//! What was done to compile a cell.

/// One thing that rustc was wanted for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompileStats {
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How much of it the linker took, if that is known.
    pub link: Option<f64>,
    /// Whether it had been done before, so that rustc was not called.
    pub from_store: bool,
}
