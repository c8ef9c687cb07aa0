// Nested modules with functions, constants, types and re-exports.

mod kitchen {
    pub mod oven {
        pub const MAX_HEAT: u32 = 250;

        #[derive(Debug)]
        pub enum Dish {
            Bread,
            Pie { filling: String },
        }

        pub fn bake(dish: &Dish) -> String {
            match dish {
                Dish::Bread => super::label("bread"),
                Dish::Pie { filling } => super::label(&format!("{filling} pie")),
            }
        }
    }

    pub mod shelf {
        pub mod top {
            pub fn item() -> &'static str {
                self::hidden::secret()
            }

            mod hidden {
                pub fn secret() -> &'static str {
                    super::super::NAME
                }
            }
        }

        const NAME: &str = "jar";
    }

    fn label(text: &str) -> String {
        format!("fresh {text}")
    }

    pub use self::oven::{Dish, bake};
    pub use self::shelf::top;
}

use kitchen::Dish;

fn main() {
    let bread = Dish::Bread;
    println!("{}", kitchen::bake(&bread));
    let pie = Dish::Pie {
        filling: "apple".to_string(),
    };
    println!("{}", kitchen::oven::bake(&pie));
    println!("{bread:?} {pie:?}");
    println!("{}", kitchen::oven::MAX_HEAT);
    println!("{}", kitchen::top::item());
    println!("{}", crate::kitchen::shelf::top::item());
}
