//! Parents, children and grandchildren.

use super::*;

#[test]
fn names_follow_the_tree_and_count_unstarted_ones() {
    let mut top = Process::new(|| ());
    assert!(top.name().starts_with("Process-"));
    top.start().unwrap();
    assert_eq!(join(&top), Some(0));

    let (text, _) = output(1, || {
        let first = Process::new(|| ());
        let named = Process::named("given", || ());
        let mut third = Process::new(|| {
            let text = format!("{}\n", Process::new(|| ()).name());
            io::stdout().write_all(text.as_bytes()).unwrap();
        });
        third.start().unwrap();
        third.join().unwrap();
        let names = format!("{}\n{}\n{}\n", first.name(), named.name(), third.name());
        io::stdout().write_all(names.as_bytes()).unwrap();
    });
    let lines: Vec<&str> = text.lines().collect();
    let parent = lines[1].strip_suffix(":1").unwrap();
    assert!(parent.starts_with("Process-"), "{text}");
    let expected = [
        format!("{parent}:3:1"),
        format!("{parent}:1"),
        "given".into(),
        format!("{parent}:3"),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_process_outlives_its_handle_and_is_reaped_later() {
    let (reader, writer) = pipe().unwrap();
    let mut p = Process::new(move || wait_for_word(reader));
    p.start().unwrap();
    let pid = p.pid().unwrap();
    drop(p);
    assert!(exists(pid));
    give_word(writer);
    assert!(ends(pid));
    let _ = Process::new(|| ()).is_alive();
    assert!(!exists(pid), "process {pid} is a zombie");
}

#[test]
fn a_child_joins_its_children_when_it_ends() {
    for by_exit in [false, true] {
        let (reader, writer) = pipe().unwrap();
        let done = Value::new(false);
        let in_grandchild = done.clone();
        let mut p = Process::new(move || {
            let mut grandchild = Process::new(move || {
                wait_for_word(reader);
                in_grandchild.set(true);
            });
            grandchild.start().unwrap();
            if by_exit {
                std::process::exit(0);
            }
        });
        p.start().unwrap();
        give_word(writer);
        assert_eq!(join(&p), Some(0));
        assert!(done.get());
    }
}

/// A child that starts a grandchild, the grandchild from the child's main thread or from one that ends at once.
/// The grandchild says a word, then lives for ever. The reader sees the end when both are gone.
fn family(from_main_thread: bool) -> (Process, PipeReader) {
    let (mut reader, writer) = pipe().unwrap();
    let mut p = Process::new(move || {
        let start = move || {
            let mut grandchild = Process::new(move || {
                give_word(writer);
                loop {
                    thread::park();
                }
            });
            grandchild.start().unwrap();
        };
        match from_main_thread {
            true => start(),
            false => thread::spawn(start).join().unwrap(),
        }
        loop {
            thread::park();
        }
    });
    p.start().unwrap();
    assert!(os::wait_readable(reader.as_fd(), 30_000));
    reader.read_exact(&mut [0]).unwrap();
    (p, reader)
}

#[test]
fn a_process_ends_with_its_parent() {
    for from_main_thread in [true, false] {
        let (p, mut reader) = family(from_main_thread);
        kill(p.pid().unwrap(), libc::SIGKILL);
        assert_eq!(join(&p), Some(-9));
        assert!(os::wait_readable(reader.as_fd(), 30_000), "it lives on");
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn a_process_does_not_end_with_the_thread_that_started_it() {
    let (reader, writer) = pipe().unwrap();
    let code = Value::new(0);
    let in_grandchild = code.clone();
    let child = run(move || {
        let start = move || {
            let mut grandchild = Process::new(move || {
                wait_for_word(reader);
                in_grandchild.set(1);
            });
            grandchild.start().unwrap();
        };
        thread::spawn(start).join().unwrap();
        give_word(writer);
    });
    assert_eq!(child, Some(0), "it joins the grandchild");
    assert_eq!(code.get(), 1);
}
