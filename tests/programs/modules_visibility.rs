// Visibility: pub, pub(crate), pub(super), pub(in path) and private fields.

mod bank {
    pub struct Account {
        pub owner: String,
        balance: i64,
        pub(crate) history: Vec<i64>,
    }

    impl Account {
        pub fn new(owner: &str) -> Self {
            Self {
                owner: owner.to_string(),
                balance: 0,
                history: Vec::new(),
            }
        }

        pub fn deposit(&mut self, amount: i64) {
            if audit::check(amount) {
                self.balance += amount;
                self.record(amount);
            }
        }

        pub fn balance(&self) -> i64 {
            self.balance
        }

        fn record(&mut self, amount: i64) {
            self.history.push(amount);
        }
    }

    mod audit {
        pub(super) fn check(amount: i64) -> bool {
            amount > limits::LOWEST
        }

        mod limits {
            pub(in crate::bank) const LOWEST: i64 = 0;
        }
    }
}

pub(crate) fn report(account: &bank::Account) -> String {
    format!("{}: {}", account.owner, account.balance())
}

fn main() {
    let mut account = bank::Account::new("Ann");
    account.deposit(50);
    account.deposit(-10);
    println!("{}", report(&account));
    println!("{:?}", account.history);
    account.owner.push_str(" B.");
    account.deposit(25);
    println!("{}", report(&account));
}
