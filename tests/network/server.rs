//! Servers that answer as a test wants them to.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Serves on a free port of this machine until the tests end.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    headers: Vec<(String, String)>,
}

/// What a server writes to.
pub trait Answer: Write {}

impl<T: Write> Answer for T {}

type Handler = dyn Fn(&Request, &mut dyn Answer) -> io::Result<()> + Send + Sync;

impl Server {
    /// Answers each request with `handler`, which writes the bytes of the response; then the connection is closed.
    pub fn plain(
        handler: impl Fn(&Request, &mut dyn Answer) -> io::Result<()> + Send + Sync + 'static,
    ) -> Server {
        Server::start(None, Arc::new(handler))
    }

    /// The same over TLS.
    pub fn secure(
        config: Arc<ServerConfig>,
        handler: impl Fn(&Request, &mut dyn Answer) -> io::Result<()> + Send + Sync + 'static,
    ) -> Server {
        Server::start(Some(config), Arc::new(handler))
    }

    fn start(config: Option<Arc<ServerConfig>>, handler: Arc<Handler>) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, handler, seen) = (config.clone(), handler.clone(), seen.clone());
                // A client that goes away, or does not trust us, is part of some tests.
                thread::spawn(move || match config {
                    None => serve(stream, &*handler, &seen),
                    Some(config) => {
                        let connection = ServerConnection::new(config).unwrap();
                        let mut stream = StreamOwned::new(connection, stream);
                        let served = serve(&mut stream, &*handler, &seen);
                        stream.conn.send_close_notify();
                        served.and(stream.flush())
                    }
                });
            }
        });
        Server { address, requests }
    }

    /// The URL of `path` by the name `localhost`.
    pub fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://localhost:{}{path}", self.address.port())
    }

    /// Returns the requests until now.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(
    stream: impl Read + Write,
    handler: &Handler,
    seen: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let request = Request::read(&mut stream)?;
    seen.lock().unwrap().push(request.clone());
    handler(&request, stream.get_mut())
}

impl Request {
    pub fn read(stream: &mut impl BufRead) -> io::Result<Request> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let mut words = lines.first().ok_or(io::ErrorKind::InvalidData)?.split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, path) = (word(), word());
        let header = |line: &String| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_lowercase(), value.to_owned()))
        };
        let headers = lines[1..].iter().filter_map(header).collect();
        Ok(Request {
            method,
            path,
            headers,
        })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name)?;
        Some(&found.1)
    }

    /// Returns the first and the last byte of the requested range.
    pub fn range(&self) -> Option<(usize, usize)> {
        let (first, last) = self
            .header("range")?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?))
    }
}

/// Writes a complete response.
pub fn write(stream: &mut dyn Answer, head: &str, body: &[u8]) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

/// Forwards the bytes of either side until both are done.
pub fn join(left: TcpStream, right: TcpStream) -> io::Result<()> {
    let (mut left_in, mut right_out) = (left.try_clone()?, right.try_clone()?);
    let there = thread::spawn(move || {
        let copied = io::copy(&mut left_in, &mut right_out);
        right_out
            .shutdown(std::net::Shutdown::Write)
            .and(copied.map(drop))
    });
    let (mut left_out, mut right_in) = (left, right);
    io::copy(&mut right_in, &mut left_out)?;
    left_out.shutdown(std::net::Shutdown::Write)?;
    there.join().expect("a copy")
}
