//! Everything a cell needs: `use threadbook::prelude::*;`

pub use crate::class_of::class_of;
pub use crate::display::EvcxrDisplay;
pub use crate::executor::ThreadPoolExecutor;
pub use crate::future::{Future, TaskPanicked, wait};
pub use crate::process::Process;
pub use crate::repr::repr;
pub use crate::shared::{Array, ArrayGuard, Plain, Value, ValueGuard};
pub use crate::threading::thread_name;
