//! A process that answers requests over a socket, for whoever has the key.

use threadbook::prelude::*;
use threadbook::serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(crate = "threadbook::serde")]
enum Message {
    Square(i64),
    Answer(i64),
    Stop,
}

fn main() -> std::io::Result<()> {
    let listener = Listener::bind(("localhost", 0))?.authkey(b"a secret");
    let address = listener.address().clone();
    let mut server = Process::named("server", move || {
        // The first has a wrong key.
        let error = listener.accept::<Message>().expect_err("a wrong key");
        println!("server: {error}");
        let connection = listener.accept::<Message>().expect("a connection");
        while let Ok(Message::Square(n)) = connection.recv() {
            connection.send(&Message::Answer(n * n)).expect("a client");
        }
    });
    server.start()?;
    let error = Client::connect_with_key::<Message>(&address, b"a guess").unwrap_err();
    println!("client: {error}");
    let connection = Client::connect_with_key::<Message>(&address, b"a secret")?;
    for n in [3, 12] {
        connection.send(&Message::Square(n))?;
        if let Message::Answer(square) = connection.recv()? {
            println!("the square of {n} is {square}");
        }
    }
    connection.send(&Message::Stop)?;
    server.join()?;
    Ok(())
}
