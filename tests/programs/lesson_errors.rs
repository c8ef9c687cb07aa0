// Errors with sources, files, and conversions by the question mark.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::num::ParseIntError;
#[derive(Debug)]
enum AppError {
    Parse { line: usize, source: ParseIntError },
    Empty,
    Io(io::Error),
}
impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse { line, .. } => write!(f, "line {line} is no number"),
            Self::Empty => f.write_str("empty"),
            Self::Io(e) => write!(f, "io: {e}"),
        }
    }
}
impl Error for AppError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Parse { source, .. } => Some(source),
            Self::Io(e) => Some(e),
            _ => None,
        }
    }
}
impl From<io::Error> for AppError {
    fn from(e: io::Error) -> Self {
        AppError::Io(e)
    }
}
fn sum(text: &str) -> Result<i64, AppError> {
    if text.is_empty() {
        return Err(AppError::Empty);
    }
    text.lines()
        .enumerate()
        .map(|(i, l)| {
            l.trim().parse::<i64>().map_err(|source| AppError::Parse {
                line: i + 1,
                source,
            })
        })
        .sum()
}
fn load(path: &std::path::Path) -> Result<i64, AppError> {
    sum(&fs::read_to_string(path)?)
}
fn any(s: &str) -> Result<f64, Box<dyn Error + Send + Sync>> {
    let x: f64 = s.parse()?;
    if x < 0.0 {
        Err("negative")?
    }
    Ok(x.sqrt())
}
fn main() {
    println!("{:?}", sum("1\n2\n").ok());
    let e = sum("1\nx").unwrap_err();
    println!("{e}: {}", e.source().unwrap());
    let dir = std::env::temp_dir().join(format!("p{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join("n.txt");
    {
        let mut f = fs::File::create(&path).unwrap();
        writeln!(f, "4").unwrap();
        write!(f, "5").unwrap();
    }
    println!("{:?}", load(&path).map_err(|e| e.to_string()));
    let missing = load(&dir.join("none"));
    println!(
        "{}",
        matches!(&missing, Err(AppError::Io(e)) if e.kind() == io::ErrorKind::NotFound)
    );
    let lines = BufReader::new(fs::File::open(&path).unwrap()).lines();
    for (i, line) in lines.enumerate() {
        println!("{i} {}", line.unwrap());
    }
    fs::remove_dir_all(&dir).unwrap();
    let mut c = Cursor::new(vec![0u8; 0]);
    c.write_all(b"hello world").unwrap();
    c.seek(SeekFrom::Start(6)).unwrap();
    let mut s = String::new();
    let n = c.read_to_string(&mut s).unwrap();
    println!("{n} {s}");
    for s in ["4", "-1", "x"] {
        match any(s) {
            Ok(x) => println!("{x}"),
            Err(e) => println!("error: {e}"),
        }
    }
    let r: Result<Vec<i32>, _> = "1,2,x".split(',').map(str::parse::<i32>).collect();
    println!("{r:?}");
    let o: Option<Vec<u32>> = "12".chars().map(|c| c.to_digit(10)).collect();
    println!("{o:?}");
    let e: Box<dyn Error> = Box::from("text");
    let e2: Box<dyn Error> = AppError::Empty.into();
    println!(
        "{e} {} {}",
        e2.is::<AppError>(),
        e2.downcast_ref::<AppError>().is_some()
    );
}
