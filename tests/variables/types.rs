//! Variables of many types.

/// The user's types, and the imports of the cells.
pub const ITEMS: &str = r#"
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Barrier, Condvar, Mutex, RwLock};
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug, Clone)]
struct Point { x: i32, y: i32 }

#[derive(Debug)]
enum Tree<T> { Leaf(T), Node(Box<Tree<T>>, Box<Tree<T>>) }

impl Tree<i32> {
    fn sum(&self) -> i32 {
        match self {
            Tree::Leaf(value) => *value,
            Tree::Node(left, right) => left.sum() + right.sum(),
        }
    }
}
"#;

/// A variable, an expression in a later cell that uses it, and the expected output.
pub const VARIABLES: &[(&str, &str, &str)] = &[
    ("let int = 41;", "int + 1", "42"),
    ("let float = 0.5;", "float * 3.0", "1.5"),
    ("let letter = 'x';", "letter", "x"),
    ("let text = \"static\";", "text.len()", "6"),
    ("let owned = String::from(\"owned\");", "owned.len()", "5"),
    (
        "let numbers = vec![1, 2, 3];",
        "numbers.iter().sum::<i32>()",
        "6",
    ),
    (
        "let nested = vec![vec![1.0], vec![2.5]];",
        "nested[1][0]",
        "2.5",
    ),
    (
        "let grid = [[0u8; 2]; 3];",
        "grid.len() * grid[0].len()",
        "6",
    ),
    (
        "let pair = (1, \"one\", Some(1.5));",
        "pair.0 + pair.2.unwrap() as i32",
        "2",
    ),
    (
        "let ages = HashMap::from([(\"Sam\", 10)]);",
        "ages[\"Sam\"]",
        "10",
    ),
    (
        "let sorted = (0..3).map(|i| (i, i * i)).collect::<BTreeMap<_, _>>();",
        "sorted[&2]",
        "4",
    ),
    (
        "let unique = [1, 1, 2].into_iter().collect::<HashSet<u16>>();",
        "unique.len()",
        "2",
    ),
    ("let queue = VecDeque::from([1, 2]);", "queue[1]", "2"),
    ("let maybe = Some(7);", "maybe.unwrap()", "7"),
    (
        "let parsed = \"5\".parse::<i32>();",
        "parsed.is_ok() as u8",
        "1",
    ),
    (
        "let shared = Arc::new(Mutex::new(vec![1]));",
        "*shared.lock().unwrap().last().unwrap()",
        "1",
    ),
    (
        "let guarded = Arc::new(RwLock::new(HashMap::from([(1, 2)])));",
        "guarded.read().unwrap()[&1]",
        "2",
    ),
    (
        "let counter = Arc::new(AtomicU32::new(3));",
        "counter.fetch_add(1, Ordering::SeqCst)",
        "3",
    ),
    (
        "let flag = Arc::new((Mutex::new(false), Condvar::new()));",
        "*flag.0.lock().unwrap() as u8",
        "0",
    ),
    (
        "let barrier = Arc::new(Barrier::new(1));",
        "barrier.wait().is_leader() as u8",
        "1",
    ),
    (
        "let cell = std::rc::Rc::new(std::cell::RefCell::new(4));",
        "*cell.borrow()",
        "4",
    ),
    (
        "let handle = std::thread::spawn(|| 6 * 7);",
        "handle.join().unwrap()",
        "42",
    ),
    (
        "let (sender, receiver) = std::sync::mpsc::channel::<u8>();",
        "{ sender.send(8).unwrap(); receiver.recv().unwrap() }",
        "8",
    ),
    (
        "let (tx, rx) = threadbook::crossbeam::channel::unbounded();\ntx.send(\"sent\").unwrap();",
        "rx.recv().unwrap().len()",
        "4",
    ),
    (
        "let file = std::fs::File::create(\"created.txt\").unwrap();",
        "file.metadata().unwrap().len()",
        "0",
    ),
    (
        "let program = std::process::Command::new(\"true\").spawn().unwrap();",
        "{ let mut program = program; program.wait().unwrap().code().unwrap() }",
        "0",
    ),
    (
        "let begin = std::time::Instant::now();",
        "(begin.elapsed().as_secs() < 1000) as u8",
        "1",
    ),
    ("let range = 1..=4;", "range.clone().count()", "4"),
    (
        "let words = \"a b c\".split(' ');",
        "words.clone().count()",
        "3",
    ),
    (
        "let function = i32::abs as fn(i32) -> i32;",
        "function(-9)",
        "9",
    ),
    (
        "let boxed: Box<dyn Fn(i32) -> i32> = Box::new(|n| n * 2);",
        "boxed(4)",
        "8",
    ),
    (
        "let point = Point { x: 1, y: 2 };",
        "point.x + point.y",
        "3",
    ),
    ("let points = vec![point.clone()];", "points.len()", "1"),
    (
        "let Point { x, y: height } = Point { x: 5, y: 6 };",
        "x + height",
        "11",
    ),
    ("let [first, .., last] = [1, 2, 3];", "first + last", "4"),
    (
        "let tree = Tree::Node(Box::new(Tree::Leaf(1)), Box::new(Tree::Leaf(2)));",
        "tree.sum()",
        "3",
    ),
    ("let value = Value::new(12);", "value.get()", "12"),
    (
        "let array = Array::from([1.5, 2.5]);",
        "array.get(1)",
        "2.5",
    ),
    (
        "let pool = ThreadPoolExecutor::new(1);",
        "pool.submit(|| 5).result().unwrap()",
        "5",
    ),
    (
        "let future = pool.submit(|| vec![1, 2]);",
        "future.result().unwrap().len()",
        "2",
    ),
    (
        "let mut process = Process::new(|| std::process::exit(3));\nprocess.start().unwrap();",
        "{ process.join().unwrap(); process.exitcode().unwrap() }",
        "3",
    ),
];
