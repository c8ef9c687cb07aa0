//! Which process this is, and the names of those that it creates.

use std::fmt;

/// A process's path in the tree: the main process is empty, the second `Process` it creates is 2, the first that this
/// one creates is 2:1.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Identity(Vec<u32>);

impl Identity {
    pub(super) const MAIN: Self = Self(Vec::new());

    /// The n-th process created here, counted from 1.
    pub(super) fn child(&self, n: u32) -> Self {
        Self(self.0.iter().copied().chain([n]).collect())
    }

    /// `KIND-2`, `KIND-2:1`.
    pub(super) fn name(&self, kind: &str) -> String {
        let numbers: Vec<_> = self.0.iter().map(u32::to_string).collect();
        format!("{kind}-{}", numbers.join(":"))
    }
}

/// The default name: `Process-2`, `Process-2:1`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name("Process"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let second = Identity::MAIN.child(2);
        assert_eq!(second.to_string(), "Process-2");
        assert_eq!(second.child(1).child(3).to_string(), "Process-2:1:3");
        assert_eq!(second.name("SyncManager"), "SyncManager-2");
    }
}
