//! The server of the class network.

use super::http::{self, Request};
use super::site;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder};
use std::time::Duration;

/// The prefix of the threads' names, by which `threadbook` knows that they hold no lock across a fork.
const THREAD_NAME: &str = "threadbook-class";

/// How many connections are served at a time; others wait for one to end.
const MAX_CONNECTIONS: usize = 64;

/// Enough for a handshake.
const STACK_SIZE: usize = 256 * 1024;

/// How long a client may be silent.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(10);

/// The first byte of a TLS handshake (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;

/// Starts the server on a free port of this machine, where it serves as long as the process lives.
pub fn start(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<SocketAddr, Box<dyn std::error::Error>> {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread(move || accept(&listener, &config))?;
    Ok(address)
}

fn thread(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let builder = Builder::new().name(THREAD_NAME.to_owned());
    builder.stack_size(STACK_SIZE).spawn(work).map(drop)
}

fn accept(listener: &TcpListener, config: &Arc<ServerConfig>) {
    let slots = Arc::new(Slots::default());
    loop {
        let slot = slots.take();
        match listener.accept() {
            Ok((stream, _)) => {
                let config = config.clone();
                // Without a thread the client sees its connection closed.
                let _ = thread(move || {
                    // The client reports what goes wrong.
                    let _ = serve(stream, config);
                    drop(slot);
                });
            }
            // Most likely there are too many open files, and some will be closed.
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn serve(mut stream: TcpStream, config: Arc<ServerConfig>) -> io::Result<()> {
    stream.set_read_timeout(Some(CLIENT_TIMEOUT))?;
    stream.set_write_timeout(Some(CLIENT_TIMEOUT))?;
    stream.set_nodelay(true)?;
    let end = stream.try_clone()?;
    let mut first = [0];
    let served = if stream.peek(&mut first)? == 0 {
        Ok(())
    } else if first[0] == HANDSHAKE {
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        let served = answer(&mut stream, true);
        stream.conn.send_close_notify();
        served.and(stream.flush())
    } else {
        answer(&mut stream, false)
    };
    // A forked child may have a copy of the socket, which a mere close would leave open.
    served.and(end.shutdown(Shutdown::Write))
}

/// Answers one request.
fn answer(stream: &mut (impl Read + Write), secure: bool) -> io::Result<()> {
    let Some(request) = Request::read(stream)? else {
        return Ok(());
    };
    let answer = match secure {
        true => site::answer(&request),
        false => site::redirect_to_secure(&request),
    };
    thread::sleep(answer.delay);
    http::write(stream, &request, &answer)
}

/// The connections that may be served at a time.
#[derive(Default)]
struct Slots {
    taken: Mutex<usize>,
    freed: Condvar,
}

/// Released when dropped.
struct Slot(Arc<Slots>);

impl Slots {
    /// Blocks until one is free.
    fn take(self: &Arc<Self>) -> Slot {
        let mut taken = self.lock();
        while *taken >= MAX_CONNECTIONS {
            taken = self
                .freed
                .wait(taken)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *taken += 1;
        Slot(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.freed.notify_one();
    }
}
