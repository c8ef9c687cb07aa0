//! Statistics on the compilation of cells.

/// One compilation or probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompileStats {
    /// How long it took, in seconds.
    pub seconds: f64,
    /// How much of it the linker took, in seconds, if known.
    pub link: Option<f64>,
    /// Whether the result was cached, so that rustc was not called.
    pub from_store: bool,
}
