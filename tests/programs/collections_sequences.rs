// Vec, VecDeque and LinkedList.

use std::collections::{LinkedList, VecDeque};

fn rotate_game(players: u32, step: usize) -> u32 {
    let mut circle: VecDeque<u32> = (1..=players).collect();
    while circle.len() > 1 {
        let turn = (step - 1) % circle.len();
        circle.rotate_left(turn);
        circle.pop_front();
    }
    circle[0]
}

fn main() {
    let mut list = vec![5, 3, 8];
    list.extend([1, 3]);
    list.insert(1, 9);
    println!("{list:?} {}", list.len());
    list.sort_by_key(|n| std::cmp::Reverse(*n));
    println!("{}", list.swap_remove(0));
    println!("{:?}", list.drain(1..3).collect::<Vec<_>>());
    list.resize(4, 0);
    list.dedup();
    println!(
        "{list:?} {:?}",
        list.iter().rev().take(2).collect::<Vec<_>>()
    );
    let mut queue: VecDeque<char> = VecDeque::from(['b', 'c']);
    queue.push_front('a');
    queue.push_back('d');
    println!("{queue:?} {:?} {:?}", queue.front(), queue.back());
    println!("{:?}", queue.pop_front());
    println!("{}", queue.iter().collect::<String>());
    queue.make_contiguous().reverse();
    println!("{queue:?}");
    println!("{}", rotate_game(7, 3));
    let mut linked = LinkedList::from([2, 3]);
    linked.push_front(1);
    linked.append(&mut LinkedList::from([4]));
    println!("{:?}", linked.split_off(2));
    println!("{linked:?}");
    let mut grid = vec![vec![0; 3]; 2];
    grid[1][2] = 7;
    grid[0].truncate(1);
    println!("{grid:?} {:?}", grid.concat());
    list.clear();
    println!("{} {:?}", list.is_empty(), list.first());
    let words = vec!["a".to_string(), "b".to_string()].into_boxed_slice();
    println!("{}", words.join("+"));
}
