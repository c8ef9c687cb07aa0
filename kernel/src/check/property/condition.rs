//! A condition on the numbers with one name.

use serde::Deserialize;

/// All fields that are present must hold; see [`super`] for their meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    from: Option<f64>,
    to: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
    not: Option<f64>,
    at_least: Option<usize>,
    at_most: Option<usize>,
    all: Option<All>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum All {
    Equal,
    Different,
}

impl Condition {
    /// Checks that the condition holds for these numbers.
    ///
    /// # Errors
    /// A message: what does not hold.
    pub fn judge(&self, name: &str, numbers: &[&str]) -> Result<(), String> {
        match self.all {
            Some(All::Equal) if numbers.iter().any(|number| *number != numbers[0]) => {
                return Err(format!(
                    "{name} must always be the same, but is {}",
                    numbers.join(", ")
                ));
            }
            Some(All::Different) => {
                let mut sorted = numbers.to_vec();
                sorted.sort_unstable();
                if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                    return Err(format!(
                        "{name} must never be the same, but is {} twice",
                        twice[0]
                    ));
                }
            }
            _ => (),
        }
        let limits = [
            ("at least", self.from, f64::ge as fn(&f64, &f64) -> bool),
            ("at most", self.to, f64::le),
            ("above", self.above, f64::gt),
            ("below", self.below, f64::lt),
            ("other than", self.not, f64::ne),
        ];
        let limits: Vec<_> = limits
            .into_iter()
            .filter_map(|(words, limit, holds)| Some((words, limit?, holds)))
            .collect();
        let holds = |number: &&&str| {
            let number: f64 = number.parse().unwrap_or(f64::NAN);
            limits.iter().all(|(_, limit, holds)| holds(&number, limit))
        };
        let good = numbers.iter().filter(holds).count();
        let wanted = limits
            .iter()
            .map(|(words, limit, _)| format!("{words} {limit}"));
        let wanted = wanted.collect::<Vec<_>>().join(" and ");
        let all = numbers.join(", ");
        match (self.at_least, self.at_most) {
            (None, None) => match numbers.iter().find(|number| !holds(number)) {
                Some(bad) => Err(format!("{name} must be {wanted}, but is {bad}")),
                None => Ok(()),
            },
            (Some(least), _) if good < least => Err(format!(
                "at least {least} of {name} must be {wanted}, but {good} are: {all}"
            )),
            (_, Some(most)) if good > most => Err(format!(
                "at most {most} of {name} may be {wanted}, but {good} are: {all}"
            )),
            _ => Ok(()),
        }
    }
}
