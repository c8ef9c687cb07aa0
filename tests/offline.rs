//! The notebooks need no internet: they run from top to bottom with no network but the loopback.

use std::io;
use std::os::unix::process::CommandExt;
use support::executed::{check_sound, judge_all};
use support::kernel::{Kernel, setup};
use support::project::{self, NOTEBOOKS};
use support::sandbox::{BOUND, Sandbox};
use support::tools::need;
use support::venv::Venv;
use support::{notebook, run};

#[test]
fn the_notebooks_run_without_a_network() {
    need!(python);
    let sandbox = Sandbox::new();
    // The first build downloads crates from the registry, so it runs before the network is cut off.
    Kernel::start(&Venv::open(), &sandbox)
        .execute(&format!(
            "{}\nassert!(requests::get(\"https://example.com\").is_ok());",
            setup()
        ))
        .ok();
    let out = sandbox.path("out");
    let mut command = sandbox.threadbook();
    command
        .arg("run")
        .arg("--jobs=3")
        .args(NOTEBOOKS.map(project::notebook_path))
        .arg("--output-dir")
        .arg(&out);
    // SAFETY: between fork and exec, `cut_off` makes only system calls.
    unsafe { command.pre_exec(cut_off) };
    run::to_end(&mut command, BOUND).expect_code(0);
    for name in NOTEBOOKS {
        let executed = notebook::read(&out.join(name));
        judge_all(&executed, |id| id.to_owned());
        check_sound(&executed);
    }
}

#[test]
fn live_requests_fail_without_a_network() {
    let sandbox = Sandbox::new();
    let cells = [
        ("setup", setup()),
        (
            "live",
            "let session = requests::Session::new().network(requests::Network::Live);\n\
             println!(\"{}\", session.get(\"https://example.com\").unwrap_err());"
                .to_owned(),
        ),
    ];
    let path = sandbox.work().join("live.ipynb");
    let cells = cells.iter().map(|(id, code)| (*id, code.as_str()));
    notebook::write(&path, &notebook::of(cells));
    let mut command = sandbox.threadbook();
    command.arg("run").arg(&path).arg("--in-place");
    // SAFETY: as above.
    unsafe { command.pre_exec(cut_off) };
    run::to_end(&mut command, BOUND).expect_code(0);
    let executed = notebook::read(&path);
    let shown = notebook::cell(&executed, "live").stream("stdout");
    assert!(shown.contains("example.com"), "{shown}");
}

/// Moves the calling process into its own network namespace with only a loopback (network_namespaces(7)).
fn cut_off() -> io::Result<()> {
    // SAFETY: the calls are unshare(2), socket(2) and ioctl(2) with a live structure. An unprivileged process needs a user
    // namespace as well (user_namespaces(7)).
    unsafe {
        if libc::unshare(libc::CLONE_NEWNET) != 0
            && libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) != 0
        {
            return Err(io::Error::last_os_error());
        }
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        let mut request: libc::ifreq = std::mem::zeroed();
        request.ifr_name[0] = b'l' as libc::c_char;
        request.ifr_name[1] = b'o' as libc::c_char;
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        let failed = libc::ioctl(socket, libc::SIOCSIFFLAGS, &raw const request);
        if failed != 0 {
            return Err(io::Error::last_os_error());
        }
        libc::close(socket);
    }
    Ok(())
}
