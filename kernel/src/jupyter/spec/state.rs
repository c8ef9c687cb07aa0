//! Checks whether Jupyter would start this program for Threadbook's kernelspec.

use std::path::{Path, PathBuf};

use super::{InstallTarget, Kernel, NAME, SpecError, find, user_data_folder};

/// What Jupyter finds under [`NAME`].
#[derive(Debug)]
pub enum State {
    /// No kernelspec.
    Unknown,
    /// A `kernel.json` that Jupyter cannot use.
    Broken(SpecError),
    /// A program that does not exist.
    Gone {
        /// The program that the kernelspec starts.
        program: PathBuf,
        /// Where to install to fix this.
        target: InstallTarget,
    },
    /// Another program, such as another copy of the project.
    Other {
        /// The program that the kernelspec starts.
        program: PathBuf,
        /// Where to install to change this.
        target: InstallTarget,
    },
    /// This program.
    Own {
        /// The directory of the kernelspec.
        folder: PathBuf,
    },
}

/// Finds the kernelspec as Jupyter does and checks the program it starts.
pub fn state() -> State {
    let kernel = match find(NAME) {
        Ok(kernel) => kernel,
        Err(SpecError::Unknown { .. }) => return State::Unknown,
        Err(error) => return State::Broken(error),
    };
    let program = kernel.program();
    let target = target_of(&kernel);
    if !program.is_file() {
        State::Gone { program, target }
    } else if is_this_program(&program) {
        State::Own {
            folder: kernel.folder.unwrap_or_default(),
        }
    } else {
        State::Other { program, target }
    }
}

/// Returns the target that replaces this kernelspec, which is in `PREFIX/share/jupyter/kernels/threadbook`.
fn target_of(kernel: &Kernel) -> InstallTarget {
    let folder = kernel.folder.as_deref();
    let is_users = folder
        .is_some_and(|folder| user_data_folder().is_some_and(|users| folder.starts_with(users)));
    match folder.and_then(|folder| folder.ancestors().nth(4)) {
        Some(prefix) if !is_users => InstallTarget::Prefix(prefix.to_owned()),
        _ => InstallTarget::User,
    }
}

fn is_this_program(program: &Path) -> bool {
    let own = std::env::current_exe().and_then(|own| own.canonicalize());
    match (program.canonicalize(), own) {
        (Ok(program), Ok(own)) => program == own,
        _ => false,
    }
}
