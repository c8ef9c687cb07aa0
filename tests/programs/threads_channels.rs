// Channels: many senders, a bounded channel, and the end of a channel.

use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread;

#[derive(Debug)]
enum Message {
    Square(u64),
    Text(String),
    Quit,
}

fn worker(inbox: Receiver<Message>, outbox: Sender<String>) {
    for message in inbox {
        let reply = match message {
            Message::Square(n) => (n * n).to_string(),
            Message::Text(text) => text.chars().rev().collect(),
            Message::Quit => break,
        };
        outbox.send(reply).unwrap();
    }
}

fn main() {
    let (to_worker, inbox) = mpsc::channel::<Message>();
    let (outbox, replies) = mpsc::channel::<String>();
    let handle = thread::spawn(move || worker(inbox, outbox));
    to_worker.send(Message::Square(12)).unwrap();
    println!("{}", replies.recv().unwrap());
    to_worker.send(Message::Text("abc".to_string())).unwrap();
    to_worker.send(Message::Quit).unwrap();
    handle.join().unwrap();
    println!("{:?}", replies.iter().collect::<Vec<_>>());
    println!("{}", to_worker.send(Message::Square(1)).is_err());
    let (sender, receiver) = mpsc::sync_channel::<u32>(1);
    for id in 1..=3 {
        let sender = sender.clone();
        thread::spawn(move || (0..4).for_each(|n| sender.send(id * 10 + n).unwrap()));
    }
    println!("{:?}", receiver.iter().take(12).sum::<u32>());
    println!("{}", receiver.try_recv() == Err(TryRecvError::Empty));
    drop(sender);
    println!("{:?}", receiver.recv().is_err());
}
