use std::time::{Duration, Instant};

use jupyter_protocol::JupyterKernelspec;

use super::*;

fn kernel(argv: &[&str]) -> Kernel {
    Kernel {
        name: "fake".to_owned(),
        folder: None,
        spec: JupyterKernelspec {
            argv: argv.iter().map(|&argument| argument.to_owned()).collect(),
            display_name: String::new(),
            language: String::new(),
            metadata: None,
            interrupt_mode: None,
            env: Some([("GREETING".to_owned(), "to ${PATH}, ${no such}".to_owned())].into()),
        },
    }
}

fn shell(script: &str) -> Kernel {
    kernel(&["/bin/sh", "-c", script, "kernel", "{connection_file}"])
}

#[tokio::test]
async fn an_end_is_noticed_and_explained() {
    let kernel = shell("pwd; test -f \"$1\" && echo \"$GREETING\" >&2; exit 3");
    let mut process = KernelProcess::start(&kernel, Path::new("/")).unwrap();
    process.ended().await;
    process.ended().await;
    assert_eq!(process.stop(), "exit status: 3");
    let path = std::env::var("PATH").unwrap();
    assert_eq!(process.last_words(), format!("/\nto {path}, ${{no such}}"));
    assert_eq!(process.stop(), "exit status: 3");
}

#[tokio::test]
async fn what_the_kernel_started_is_stopped_with_it() {
    // The pipe's write end closes when the last process that holds it exits.
    let (mut reader, writer) = std::io::pipe().unwrap();
    let descriptor = std::os::fd::AsRawFd::as_raw_fd(&writer);
    // SAFETY: the descriptor is open; clearing FD_CLOEXEC only lets this test's children inherit it.
    assert_eq!(unsafe { libc::fcntl(descriptor, libc::F_SETFD, 0) }, 0);
    let mut process = KernelProcess::start(&shell("sleep 1000 & exit 0"), Path::new("/")).unwrap();
    drop(writer);
    process.ended().await;
    let start = Instant::now();
    assert_eq!(process.stop(), "exit status: 0");
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    assert!(start.elapsed() < Duration::from_secs(100));
}

#[tokio::test]
async fn a_running_kernel_is_interrupted_and_killed() {
    let mut process = KernelProcess::start(&shell("sleep 1000"), Path::new("/")).unwrap();
    let waited = tokio::time::timeout(Duration::from_millis(50), process.ended()).await;
    assert!(waited.is_err(), "it runs");
    process.signal_interrupt();
    process.ended().await;
    assert_eq!(process.stop(), "signal: 2 (SIGINT)");

    let mut process = KernelProcess::start(&shell("sleep 1000"), Path::new("/")).unwrap();
    assert_eq!(process.stop(), "signal: 9 (SIGKILL)");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let Err(error) = KernelProcess::start(&kernel(&["/no/such/program"]), Path::new("/")) else {
        panic!("it started");
    };
    let error = error.to_string();
    assert!(
        error.starts_with("cannot start the kernel `fake` (/no/such/program): No such file"),
        "{error}"
    );
}

#[test]
fn a_bare_program_name_means_the_one_of_the_same_prefix() {
    let prefix = tempfile::tempdir().unwrap();
    let mut kernel = kernel(&["python"]);
    kernel.folder = Some(prefix.path().join("share/jupyter/kernels/python3"));
    assert_eq!(program_of(&kernel), Path::new("python"));
    std::fs::create_dir(prefix.path().join("bin")).unwrap();
    std::fs::write(prefix.path().join("bin/python"), "").unwrap();
    assert_eq!(program_of(&kernel), prefix.path().join("bin/python"));
}
