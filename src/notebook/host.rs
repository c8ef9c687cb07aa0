//! What runs this process.

use super::kernel_functions::KernelFunctions;

/// What runs this process, or the one that it was forked from.
pub(crate) enum Host {
    /// Our kernel: output goes to the front end by messages.
    Kernel(KernelFunctions),
    /// Stock evcxr: it reads stdout and stderr, and forwards whole lines.
    Evcxr,
    /// A standalone program.
    Program,
}

pub(crate) fn host() -> Host {
    match KernelFunctions::find() {
        Some(kernel) => Host::Kernel(kernel),
        None if std::env::var_os("EVCXR_IS_RUNTIME").is_some() => Host::Evcxr,
        None => Host::Program,
    }
}
