//! current_process, parent_process, active_children, cpu_count.

use super::*;

#[test]
fn the_main_process_has_pythons_name_and_no_parent() {
    let me = current_process();
    assert_eq!(
        (me.name(), me.pid(), me.daemon()),
        ("MainProcess", id(), false)
    );
    assert_eq!(
        format!("{me:?}"),
        "<_MainProcess name='MainProcess' parent=None started>"
    );
    assert_eq!(parent_process(), None);
}

#[test]
fn a_child_knows_itself_and_its_parent() {
    let parent = id();
    let mut p = Process::named("helper", move || {
        let (me, above) = (current_process(), parent_process().unwrap());
        assert_eq!((me.name(), me.pid(), me.daemon()), ("helper", id(), true));
        assert_eq!(
            format!("{me:?}"),
            format!("<Process name='helper' parent={parent} started daemon>")
        );
        assert_eq!((above.name(), above.pid()), ("MainProcess", parent));
        assert!(above.is_alive());
        assert_eq!(
            format!("{above:?}"),
            "<_ParentProcess name='MainProcess' parent=None unknown>"
        );
    });
    p.set_daemon(true).unwrap();
    p.start().unwrap();
    assert_eq!(join(&p), Some(0));
    assert!(format!("{p:?}").ends_with(" stopped exitcode=0 daemon>"));
}

/// In a separate process: the harness's other tests have children too.
#[test]
fn active_children_are_those_that_run_and_the_others_are_reaped() {
    let code = run(|| {
        assert!(active_children().is_empty());
        let (running, mut ended) = (endless(), Process::new(|| ()));
        ended.start().unwrap();
        assert!(ends(ended.pid().unwrap()));
        let children = active_children();
        assert!(!exists(ended.pid().unwrap()), "a zombie");
        assert_eq!(children.len(), 1);
        let child = &children[0];
        assert_eq!(
            (child.name(), Some(child.pid())),
            (running.name(), running.pid())
        );
        assert_eq!(format!("{child:?}"), format!("{running:?}"));
        assert!(child.is_alive() && !child.daemon() && child.exitcode().is_none());
        assert!(!child.join_timeout(Duration::ZERO).unwrap());
        child.terminate().unwrap();
        child.join().unwrap();
        assert_eq!(
            (child.exitcode(), running.exitcode()),
            (Some(-15), Some(-15))
        );
        assert!(active_children().is_empty());
    });
    assert_eq!(code, Some(0));
}

#[test]
fn a_child_has_no_children_at_first() {
    let p = endless();
    let child = active_children()
        .into_iter()
        .find(|child| Some(child.pid()) == p.pid());
    let child = child.unwrap();
    let sibling = child.clone();
    let code = run(move || {
        assert!(active_children().is_empty());
        assert_eq!(
            sibling.join().unwrap_err().to_string(),
            "can only join a child process"
        );
        assert_eq!(
            sibling.kill().unwrap_err().to_string(),
            "can only kill a child process"
        );
        assert!(format!("{sibling:?}").ends_with(" unknown>"));
    });
    assert_eq!(code, Some(0));
    child.kill().unwrap();
    join(&p);
}

#[test]
fn cpu_count_is_that_of_the_machine() {
    assert!(cpu_count() >= thread::available_parallelism().unwrap().get());
}
