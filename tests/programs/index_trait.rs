// Index and IndexMut for a grid.

use std::fmt;
use std::ops::{Index, IndexMut};

#[derive(Clone, Copy, PartialEq)]
enum Cell {
    Dead,
    Alive,
}

struct Grid {
    width: usize,
    cells: Vec<Cell>,
}

impl Grid {
    fn new(width: usize, height: usize) -> Self {
        let cells = vec![Cell::Dead; width * height];
        Grid { width, cells }
    }
}

impl Index<(usize, usize)> for Grid {
    type Output = Cell;

    fn index(&self, (x, y): (usize, usize)) -> &Cell {
        &self.cells[y * self.width + x]
    }
}

impl IndexMut<(usize, usize)> for Grid {
    fn index_mut(&mut self, (x, y): (usize, usize)) -> &mut Cell {
        &mut self.cells[y * self.width + x]
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.cells.chunks(self.width) {
            let line: String = row
                .iter()
                .map(|&c| if c == Cell::Alive { '#' } else { '.' })
                .collect();
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

fn main() {
    let mut grid = Grid::new(4, 2);
    grid[(1, 0)] = Cell::Alive;
    grid[(3, 1)] = Cell::Alive;
    print!("{grid}");
    println!("{}", grid[(1, 0)] == Cell::Alive);
    grid[(1, 0)] = Cell::Dead;
    let alive = grid.cells.iter().filter(|&&c| c == Cell::Alive).count();
    println!("{alive}");
}
