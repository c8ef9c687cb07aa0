//! A sender and a receiver, connected by a pipe, up to the last message.

use threadbook::prelude::*;

fn main() -> std::io::Result<()> {
    let (parent, child) = Pipe::new::<String>();
    let mut receiver = Process::named("receiver", {
        // The child inherits the parent's end, too. Unless the child closes it, `recv` never reports the end.
        let parents_end = parent.clone();
        move || {
            parents_end.close();
            let mut letters = 0;
            while let Ok(message) = child.recv() {
                println!("Received the message: {message}");
                letters += message.len();
            }
            println!("{letters} letters in all");
        }
    });
    receiver.start()?;
    for message in ["hello", "hey", "hru?"] {
        parent.send(&message.to_string())?;
        println!("Sent the message: {message}");
    }
    parent.close();
    receiver.join()
}
