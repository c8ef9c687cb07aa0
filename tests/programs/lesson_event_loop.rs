// Actors, observers, and a scheduler of borrowed jobs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::sync::{Arc, Mutex, RwLock, Weak};
use std::thread;
use std::time::Duration;
#[derive(Debug, Clone)]
enum Message {
    Add(i64),
    Ask(Sender<i64>),
    Stop,
}
struct Actor {
    inbox: Receiver<Message>,
    sum: i64,
}
impl Actor {
    fn spawn() -> (Sender<Message>, thread::JoinHandle<i64>) {
        let (tx, inbox) = mpsc::channel();
        (tx, thread::spawn(move || Actor { inbox, sum: 0 }.run()))
    }
    fn run(mut self) -> i64 {
        for m in self.inbox.iter() {
            match m {
                Message::Add(n) => self.sum += n,
                Message::Ask(to) => to.send(self.sum).unwrap(),
                Message::Stop => break,
            }
        }
        self.sum
    }
}
trait Observer: Send + Sync {
    fn notify(&self, e: &str);
}
#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);
impl Observer for Recorder {
    fn notify(&self, e: &str) {
        self.0.lock().unwrap().push(e.to_uppercase())
    }
}
#[derive(Default)]
struct Subject {
    observers: RwLock<Vec<Weak<dyn Observer>>>,
}
impl Subject {
    fn attach(&self, o: &Arc<impl Observer + 'static>) {
        let w: Weak<dyn Observer> = Arc::downgrade(&(o.clone() as Arc<dyn Observer>));
        self.observers.write().unwrap().push(w)
    }
    fn emit(&self, e: &str) -> usize {
        self.observers
            .read()
            .unwrap()
            .iter()
            .filter_map(Weak::upgrade)
            .map(|o| o.notify(e))
            .count()
    }
}
struct Scheduler<'a> {
    queue: BTreeMap<u32, VecDeque<Box<dyn FnOnce(&mut Vec<u32>) + 'a>>>,
}
impl<'a> Scheduler<'a> {
    fn at(&mut self, t: u32, f: impl FnOnce(&mut Vec<u32>) + 'a) {
        self.queue.entry(t).or_default().push_back(Box::new(f))
    }
    fn run(self) -> Vec<u32> {
        let mut out = vec![];
        for (_, jobs) in self.queue {
            for j in jobs {
                j(&mut out)
            }
        }
        out
    }
}
fn main() {
    let (actor, handle) = Actor::spawn();
    for n in 1..=4 {
        actor.send(Message::Add(n)).unwrap();
    }
    let (reply, answer) = mpsc::channel();
    actor.send(Message::Ask(reply)).unwrap();
    println!("{}", answer.recv().unwrap());
    let clones: Vec<_> = (0..3)
        .map(|i| {
            let a = actor.clone();
            thread::spawn(move || a.send(Message::Add(i * 10)).is_ok())
        })
        .collect();
    let sent = clones.into_iter().all(|c| c.join().unwrap());
    actor.send(Message::Stop).unwrap();
    println!("{sent} {}", handle.join().unwrap());
    println!("{}", actor.send(Message::Stop).is_err());
    let (tx, rx) = mpsc::channel::<String>();
    println!(
        "{:?} {:?}",
        rx.try_recv(),
        rx.recv_timeout(Duration::from_millis(1))
    );
    let echo = thread::spawn({
        let tx = tx.clone();
        move || {
            tx.send("from thread".into()).unwrap();
            drop(tx)
        }
    });
    echo.join().unwrap();
    drop(tx);
    let all: Vec<_> = rx.try_iter().collect();
    println!(
        "{all:?} {}",
        rx.try_recv() == Err(TryRecvError::Disconnected)
    );
    println!(
        "{}",
        matches!(
            rx.recv_timeout(Duration::ZERO),
            Err(RecvTimeoutError::Disconnected)
        )
    );
    let subject = Arc::new(Subject::default());
    let rec = Arc::new(Recorder::default());
    subject.attach(&rec);
    {
        let temp = Arc::new(Recorder::default());
        subject.attach(&temp);
        println!("{}", subject.emit("both"));
    }
    let s = Arc::clone(&subject);
    let n = thread::spawn(move || s.emit("one")).join().unwrap();
    println!("{n} {:?}", rec.0.lock().unwrap());
    let factor = 3;
    let mut sched = Scheduler {
        queue: BTreeMap::new(),
    };
    sched.at(2, |out| out.push(2 * factor));
    sched.at(1, |out| out.push(factor));
    sched.at(2, move |out| {
        let l = out.len() as u32;
        out.push(l)
    });
    println!("{:?}", sched.run());
    let data = Arc::new(Mutex::new(vec![0; 3]));
    let threads: Vec<thread::JoinHandle<()>> = (0..3)
        .map(|i| {
            let data = Arc::clone(&data);
            thread::spawn(move || {
                let mut d = data.lock().unwrap();
                d[i] += i;
            })
        })
        .collect();
    for t in threads {
        t.join().unwrap()
    }
    let guard = data.lock().unwrap();
    println!("{guard:?} {}", guard.iter().sum::<usize>());
    println!("{}", data.try_lock().is_err());
    drop(guard);
    let inner = Arc::into_inner(data).map(|m| m.into_inner().unwrap());
    println!("{inner:?}");
}
