//! Programs that are drawn at random are run in exactly the orders that trying all sequences of their steps finds.

use super::frontier::{Frontier, Plan};
use crate::runtime::schedule::board::{Board, Status};
use crate::runtime::schedule::{self, Kind, Request, draw};
use crate::runtime::shared_memory;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicI32};

/// How many programs are drawn.
const PROGRAMS: u64 = 60;

/// What a thread does next to the object of this index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Load(usize),
    Store(usize),
    Lock(usize),
    Unlock(usize),
}

type Program = Vec<Vec<Step>>;

/// For each object, which threads made a step on it, one after the other: two sequences of steps with the same are the same order.
type Order = [Vec<usize>; 4];

/// Draws two or three threads with up to three actions each, on two numbers and two locks. A lock is held during the next action.
fn program(seed: &mut u64) -> Program {
    let threads = 2 + draw(seed) % 2;
    let mut thread = |_| {
        let mut steps = Vec::new();
        for _ in 0..=draw(seed) % 3 {
            let object = (draw(seed) % 2) as usize;
            match draw(seed) % 4 {
                0 => steps.push(Step::Load(object)),
                1 => steps.push(Step::Store(object)),
                2 => steps.extend([Step::Lock(object), Step::Load(object), Step::Unlock(object)]),
                _ => {
                    let other = 1 - object;
                    let (outer, inner) = (Step::Lock(object), Step::Lock(other));
                    steps.extend([outer, inner, Step::Unlock(other), Step::Unlock(object)]);
                }
            }
        }
        steps.truncate(5);
        steps
    };
    (0..threads).map(&mut thread).collect()
}

/// The orders of a program, by trying all sequences.
#[derive(Default)]
struct Sequences {
    orders: BTreeSet<Order>,
}

impl Sequences {
    fn from(&mut self, program: &Program, at: &mut Vec<usize>, locks: [bool; 2], made: &Order) {
        let mut is_over = true;
        for thread in 0..program.len() {
            let Some(step) = program[thread].get(at[thread]).copied() else {
                continue;
            };
            let (mut locks, object) = (locks, object(step));
            match step {
                Step::Lock(lock) if locks[lock] => continue,
                Step::Lock(lock) => locks[lock] = true,
                Step::Unlock(lock) => locks[lock] = false,
                _ => {}
            }
            is_over = false;
            let mut made = made.clone();
            made[object].push(thread);
            at[thread] += 1;
            self.from(program, at, locks, &made);
            at[thread] -= 1;
        }
        if is_over {
            self.orders.insert(made.clone());
        }
    }
}

fn object(step: Step) -> usize {
    match step {
        Step::Load(number) | Step::Store(number) => number,
        Step::Lock(lock) | Step::Unlock(lock) => 2 + lock,
    }
}

/// What the threads of a run share.
#[derive(Default)]
struct Shared {
    numbers: [AtomicI32; 2],
    locks: [AtomicBool; 2],
}

/// Whether a lock is free.
///
/// # Safety
/// `lock` is the address of one.
unsafe extern "C" fn is_free(lock: *const u8) -> bool {
    // SAFETY: the caller's promise.
    unsafe { !(*lock.cast::<AtomicBool>()).load(SeqCst) }
}

fn make(step: Step, shared: &Shared) {
    let turn = |kind, object: *const u8, is_lock: bool| {
        let request = Request {
            probe: is_lock.then_some(is_free),
            probed: object,
            ..Request::new(kind, object.addr())
        };
        // SAFETY: the probe gets the address of a lock, which outlives the call.
        unsafe { schedule::step(&request) };
    };
    match step {
        Step::Load(number) => {
            turn(Kind::Load, shared.numbers[number].as_ptr().cast(), false);
            shared.numbers[number].load(SeqCst);
        }
        Step::Store(number) => {
            turn(Kind::Store, shared.numbers[number].as_ptr().cast(), false);
            shared.numbers[number].store(1, SeqCst);
        }
        Step::Lock(lock) => {
            turn(Kind::Lock, shared.locks[lock].as_ptr().cast(), true);
            shared.locks[lock].store(true, SeqCst);
        }
        Step::Unlock(lock) => {
            turn(Kind::Unlock, shared.locks[lock].as_ptr().cast(), false);
            shared.locks[lock].store(false, SeqCst);
        }
    }
}

/// Runs a program in a fork. Returns how that ended.
fn run(board: &'static Board, program: &Program, plan: &Plan) -> Status {
    // SAFETY: no process of a run lives.
    unsafe { board.state() }.plan(&plan.prefix, plan.asleep, None);
    board.status.store(0, Relaxed);
    for turn in &board.turns {
        turn.store(0, Relaxed);
    }
    // SAFETY: the child has one thread, and uses no lock that another thread of this process may have held, but the allocator's, which
    // glibc's fork frees.
    let run = unsafe { libc::fork() };
    if run == 0 {
        schedule::begin(board);
        let shared = Shared::default();
        std::thread::scope(|scope| {
            for thread in program {
                scope.spawn(|| thread.iter().for_each(|step| make(*step, &shared)));
            }
        });
        schedule::end_of_cell(0, None);
    }
    assert!(run > 0, "{}", std::io::Error::last_os_error());
    // SAFETY: waitpid(2) accepts null for the status. A signal may interrupt it.
    while unsafe { libc::waitpid(run, std::ptr::null_mut(), 0) } != run {}
    Status::of_number(board.status.load(Acquire))
}

/// In a process of its own: other tests measure memory, which forks share, or send signals.
#[test]
fn each_order_of_a_program_is_run_once() {
    let this = std::env::current_exe().expect("this program");
    let test = "runtime::exploration::tests::each_order_of_a_program_is_run_once_here";
    let mut alone = std::process::Command::new(this);
    let output = alone.args(["--exact", test, "--ignored"]).output();
    let output = output.expect("this program runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[test]
#[ignore = "the test above runs it"]
fn each_order_of_a_program_is_run_once_here() {
    let board = shared_memory::share::<Board>().expect("memory");
    let mut seed = 14;
    for _ in 0..PROGRAMS {
        let program = program(&mut seed);
        let mut expected = Sequences::default();
        let begin = Order::default();
        expected.from(&program, &mut vec![0; program.len()], [false; 2], &begin);
        let mut found = BTreeSet::new();
        let mut frontier = Frontier::new(None);
        let mut next = Some(Plan {
            prefix: Vec::new(),
            asleep: 0,
        });
        while let Some(plan) = next {
            let status = run(board, &program, &plan);
            // SAFETY: no process of a run lives until the next `run`.
            let told = unsafe { board.told() };
            if status != Status::Redundant {
                let is_sound = matches!(status, Status::Done | Status::Deadlock);
                assert!(is_sound, "{status:?}: {program:?} by {plan:?}");
                let mut order = Order::default();
                let mut at = vec![0; program.len()];
                let steps = told.steps().iter();
                for step in steps.filter(|step| !step.kind().is_local()) {
                    let thread = step.thread as usize - 1;
                    order[object(program[thread][at[thread]])].push(thread);
                    at[thread] += 1;
                }
                assert!(found.insert(order), "twice: {program:?} by {plan:?}");
            }
            frontier.add(told.choices(), plan.prefix.len());
            next = frontier.next();
        }
        assert_eq!(found, expected.orders, "{program:?}");
    }
}
