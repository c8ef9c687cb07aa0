//! SharedMemory, ShareableList and SharedMemoryManager.

use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};

use threadbook::prelude::*;

use crate::life::*;
use crate::python::python;

fn is_there(name: &str) -> bool {
    Path::new("/dev/shm").join(name).exists()
}

#[test]
fn create_makes_a_new_segment_and_without_it_one_is_attached_to() {
    within(30, || {
        let memory = SharedMemory::create(100).unwrap();
        assert_eq!(memory.size(), 100);
        assert!(memory.read(0..100).iter().all(|&byte| byte == 0));
        let name = memory.name().to_owned();
        assert_eq!(
            run(move || SharedMemory::attach(&name).unwrap().set(99, 7)),
            Some(0)
        );
        assert_eq!(memory.get(99), 7);
        memory.unlink().unwrap();
    });
}

#[test]
fn a_random_name_begins_with_psm_and_a_given_name_is_kept() {
    within(30, || {
        let memory = SharedMemory::create(1).unwrap();
        assert!(memory.name().starts_with("psm_") && memory.name().len() == 12);
        assert_eq!(
            repr(&memory),
            format!("SharedMemory('{}', size=1)", memory.name())
        );
        memory.unlink().unwrap();
        let name = format!("threadbook-test-{}", std::process::id());
        let memory = SharedMemory::create_named(&format!("/{name}"), 1).unwrap();
        assert_eq!(memory.name(), name);
        memory.unlink().unwrap();
    });
}

#[test]
fn a_name_that_exists_is_file_exists_error_and_one_that_does_not_is_file_not_found_error() {
    within(30, || {
        let memory = SharedMemory::create(1).unwrap();
        let kind = |result: std::io::Result<SharedMemory>| result.unwrap_err().kind();
        let name = memory.name();
        assert_eq!(
            kind(SharedMemory::create_named(name, 1)),
            ErrorKind::AlreadyExists
        );
        memory.unlink().unwrap();
        assert_eq!(kind(SharedMemory::attach(name)), ErrorKind::NotFound);
        assert_eq!(memory.unlink().unwrap_err().kind(), ErrorKind::NotFound);
        for invalid in ["", "/", "a/b", "..", "a\nb", &"x".repeat(256)] {
            assert_eq!(
                kind(SharedMemory::create_named(invalid, 1)),
                ErrorKind::InvalidInput,
                "{invalid}"
            );
        }
    });
}

#[test]
fn a_failed_creation_does_not_remove_the_others_segment() {
    within(30, || {
        let memory = SharedMemory::create(1).unwrap();
        let name = memory.name().to_owned();
        let in_child = name.clone();
        assert_eq!(
            run(move || drop(SharedMemory::create_named(&in_child, 1).unwrap_err())),
            Some(0)
        );
        assert!(is_there(&name));
        memory.unlink().unwrap();
    });
}

#[test]
fn a_size_of_zero_is_an_error() {
    let error = SharedMemory::create(0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'size' must be a positive number different from zero"
    );
}

#[test]
fn an_index_beyond_the_size_is_an_error() {
    within(30, || {
        let memory = SharedMemory::create(10).unwrap();
        assert_eq!(
            panic_of(|| memory.get(10)),
            "SharedMemory index out of range: the index is 10, the length 10"
        );
        panic_of(|| memory.write(8, b"abc"));
        panic_of(|| memory.read(usize::MAX - 1..usize::MAX));
        assert_eq!(memory.view::<u64>().len(), 1);
        memory.unlink().unwrap();
    });
}

#[test]
fn after_unlink_the_segment_can_still_be_used_until_it_is_closed() {
    within(30, || {
        let memory = SharedMemory::create(1).unwrap();
        let same = SharedMemory::attach(memory.name()).unwrap();
        memory.unlink().unwrap();
        memory.set(0, 5);
        memory.close();
        assert_eq!(same.get(0), 5);
    });
}

#[test]
fn close_does_not_remove_the_segment() {
    within(30, || {
        let memory = SharedMemory::create(1).unwrap();
        let name = memory.name().to_owned();
        memory.close();
        SharedMemory::attach(&name).unwrap().unlink().unwrap();
    });
}

#[test]
fn one_that_is_sent_is_attached_to_by_its_receiver() {
    within(30, || {
        let (here, there) = Pipe::new::<SharedMemory>();
        let p = start(move || there.recv().unwrap().view::<f64>().set(1, 2.5));
        let memory = SharedMemory::create(16).unwrap();
        here.send(&memory).unwrap();
        assert_eq!(end_of(&p), Some(0));
        assert_eq!(memory.view::<f64>().to_vec(), [0.0, 2.5]);
        memory.unlink().unwrap();
    });
}

#[test]
fn a_manager_unlinks_its_segments_at_its_end() {
    within(30, || {
        let manager = SharedMemoryManager::new();
        let names = [
            manager.shared_memory(8).unwrap().name().to_owned(),
            manager
                .shareable_list([1.into()])
                .unwrap()
                .shm()
                .name()
                .to_owned(),
        ];
        assert!(names.iter().all(|name| is_there(name)));
        drop(manager);
        assert!(!names.iter().any(|name| is_there(name)));
    });
}

#[test]
fn a_list_keeps_types_and_none_and_its_length() {
    within(30, || {
        let items = [
            Shareable::from("howdy"),
            b"HoWdY".into(),
            (-273.154).into(),
            100.into(),
            ().into(),
            true.into(),
            42.into(),
            "größer".into(),
        ];
        let list = ShareableList::new(items.clone()).unwrap();
        assert_eq!(list.to_vec().unwrap(), items);
        assert_eq!(list.len(), 8);
        assert_eq!(list.count(42).unwrap(), 1);
        assert_eq!(list.index(true).unwrap(), 5);
        assert_eq!(
            error_of(list.index("absent")),
            "'absent' not in this container"
        );
        assert_eq!(
            format!("{list:?}"),
            format!(
                "ShareableList(['howdy', b'HoWdY', -273.154, 100, None, True, 42, 'größer'], name='{}')",
                list.shm().name()
            )
        );
        list.shm().unlink().unwrap();
    });
}

#[test]
fn an_item_may_change_its_type_but_not_grow_beyond_its_slot() {
    within(30, || {
        let list = ShareableList::new([1.into(), "dry ice".into()]).unwrap();
        list.set(0, "8 bytes!").unwrap();
        assert_eq!(list.get(0).unwrap(), "8 bytes!".into());
        list.set(1, 0.5).unwrap();
        list.set(1, "ice").unwrap();
        assert_eq!(list.get(1).unwrap(), "ice".into());
        assert_eq!(
            error_of(list.set(1, "larger than 8")),
            "bytes/str item exceeds available storage"
        );
        assert_eq!(error_of(list.set(2, 1)), "assignment index out of range");
        assert_eq!(error_of(list.get(2)), "index out of range");
        list.shm().unlink().unwrap();
    });
}

#[test]
fn a_text_that_ends_with_zeros_is_an_error_where_python_loses_them() {
    within(30, || {
        assert!(error_of(ShareableList::new(["?\0".into()])).contains("ends with a zero byte"));
        let list = ShareableList::new(["a".into()]).unwrap();
        assert_eq!(
            list.set(0, &b"a\0"[..]).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        assert_eq!(list.get(0).unwrap(), "a".into());
        list.shm().unlink().unwrap();
    });
}

#[test]
fn python_and_rust_use_one_segment_and_one_list() {
    let Some(python) = python(|| ()) else {
        return;
    };
    within(60, move || {
        let list = ShareableList::new([
            "text".into(),
            b"\x00\xff'".into(),
            3.5.into(),
            (-7).into(),
            false.into(),
            ().into(),
        ])
        .unwrap();
        let name = list.shm().name();
        let printed = format!("{list:?}\n{}\n", list.format().unwrap());
        // Python's tracker would unlink what it only attaches to.
        let script = format!(
            "from multiprocessing import shared_memory, resource_tracker\n\
             resource_tracker.register = lambda *_: None\n\
             list = shared_memory.ShareableList(name='{name}')\n\
             print(list); print(list.format); list[3] = 'eight  b'; list[0] = None; list.shm.close()\n\
             own = shared_memory.ShareableList(['ä', b'b', 1, 2.5, True, None], name='{name}p')\n\
             own.shm.close()"
        );
        assert_eq!(python.run(&script), printed);
        assert_eq!(list.get(3).unwrap(), "eight  b".into());
        assert_eq!(list.get(0).unwrap(), Shareable::None);
        let theirs = ShareableList::attach(&format!("{name}p")).unwrap();
        assert_eq!(
            theirs.to_vec().unwrap(),
            [
                "ä".into(),
                b"b".into(),
                1.into(),
                2.5.into(),
                true.into(),
                ().into()
            ]
        );
        theirs.shm().unlink().unwrap();
        list.shm().unlink().unwrap();
    });
}

const BODY: &str = "THREADBOOK_TEST_BODY";

/// Runs this test program again, with `test` alone, whose `body` prints the names of its segments. Kills it, and returns
/// the names.
fn killed_program(test: &str, body: impl FnOnce()) -> Option<Vec<String>> {
    if std::env::var_os(BODY).is_some() {
        body();
        println!("all");
        sleep_for_ever();
    }
    let mut program = Command::new(std::env::current_exe().unwrap());
    let arguments = [test, "--exact", "--nocapture", "--test-threads=1"];
    let program = program
        .args(arguments)
        .env(BODY, "1")
        .stdout(Stdio::piped());
    let mut program = program.stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let lines = lines
        .map(|line| line.unwrap())
        .take_while(|line| line != "all");
    let names = lines.filter_map(|line| Some(line.split_once("segment ")?.1.to_owned()));
    let names: Vec<String> = names.collect();
    assert!(names.iter().all(|name| is_there(name)));
    program.kill().unwrap();
    program.wait().unwrap();
    Some(names)
}

#[test]
fn nothing_is_left_when_a_program_is_killed() {
    let test = "rules::shared_memory::nothing_is_left_when_a_program_is_killed";
    let names = killed_program(test, || {
        let (memory, unlinked) = (
            SharedMemory::create(1000).unwrap(),
            SharedMemory::create(1).unwrap(),
        );
        unlinked.unlink().unwrap();
        println!("segment {}", memory.name());
        // A child's segment, and its child's.
        let children = [holding(|| {
            let list = ShareableList::new([1.into()]).unwrap();
            println!("segment {}", list.shm().name());
            holding(|| println!("segment {}", SharedMemory::create(1).unwrap().name()))
        })];
        kill(&children[0]);
        assert!(is_there(memory.name()), "it is not gone with the child");
        std::mem::forget((memory, children));
    })
    .unwrap();
    assert_eq!(names.len(), 3);
    until(|| !names.iter().any(|name| is_there(name)));
}

#[test]
fn one_that_is_not_tracked_outlives_its_program() {
    let test = "rules::shared_memory::one_that_is_not_tracked_outlives_its_program";
    let names = killed_program(test, || {
        let (kept, tracked) = (
            SharedMemory::create(1).unwrap(),
            SharedMemory::create(1).unwrap(),
        );
        kept.keep();
        println!("segment {}\nsegment {}", kept.name(), tracked.name());
    })
    .unwrap();
    until(|| !is_there(&names[1]));
    SharedMemory::attach(&names[0]).unwrap().unlink().unwrap();
}
