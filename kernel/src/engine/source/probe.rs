//! The probe: a source that makes rustc report what must be known about a cell's variables before the cell can be compiled.
//!
//! It contains the cell several times, each in a function of its own: rustc checks a function's borrows only if its types are
//! right.
//! - `Plain` is the cell itself. At its end it keeps each variable as `'static`: rustc reports an error if one is moved, has no
//!   value, or borrows from others. All other errors are the user's.
//! - `Types` has wrong types on purpose. For `let Probe = b;`, with `Probe` a unit struct, rustc reports that "this expression
//!   has type `Vec<i32>`".
//! - `Traits` calls functions with trait bounds, to see which traits a value of an unnameable type has.

use super::body::{
    add_anchored, add_items, add_result, add_statements, deferred_first, end, outcome,
};
use super::edits::Edits;
use super::includes::resolve_includes;
use super::map::{Copy, Source, Use};
use super::probe_functions::{
    FEATURES, FUNCTIONS, OF_CLOSURES, OF_CLOSURES_APART, OF_OTHERS, PLAIN_FUNCTIONS,
};
use super::taking::{StoredValues, take_variables};
use crate::engine::cell::{Cell, Value};
use crate::engine::lifetimes::{count_lifetimes, with_each_lifetime};
use crate::engine::session::{Selection, Session, Variable};
use std::collections::{BTreeMap, BTreeSet};

/// The type that nothing in a cell has. rustc takes a type that it has not inferred yet to be this one.
pub const PROBE_TYPE: &str = "ThreadbookProbe";

/// The function that probes types. rustc shows it in the paths of types that the cell defines in a block.
pub const TYPES_FUNCTION: &str = "threadbook_types";

/// The functions that probe what is borrowed exclusively.
const TOUCHING: &str = "threadbook_touching";

/// The functions that probe the lifetimes in a variable's type.
const LIFETIMES: &str = "threadbook_lifetime";

/// A variable to keep at the end of the cell.
#[derive(Debug, Clone)]
pub struct KeptVariable {
    pub name: String,
    /// Its type, if rustc cannot infer it.
    pub ty: Option<String>,
    /// Whether an earlier cell defined it.
    pub is_earlier: bool,
}

/// A probe: what to ask rustc about a cell.
#[derive(Clone)]
pub struct Probe<'a> {
    pub session: &'a Session,
    pub cell: &'a Cell,
    pub selection: &'a Selection,
    pub edits: &'a Edits,
    /// Variables whose types are probed.
    pub types: &'a BTreeSet<String>,
    /// Variables whose types rustc infers late.
    pub late_types: &'a BTreeSet<String>,
    /// Closures whose arguments or results rustc infers late.
    pub late_calls: &'a BTreeSet<String>,
    /// Variables whose types may be or contain closures.
    pub closures: &'a BTreeSet<String>,
    /// Variables to keep, in the order of their definition.
    pub kept: &'a [KeptVariable],
    /// Whether each of them is kept in a function of its own, to find out which of them borrows.
    pub keeps_apart: bool,
    /// Whether they are only used at the end, and may borrow. Then rustc reports what conflicts with their use.
    pub allows_borrows: bool,
    /// Those of which the variables are probed that they borrow from exclusively.
    pub touched: &'a BTreeSet<String>,
    /// Parts of variables, such as `p.age`, of which it is probed whether they are among that.
    pub touched_parts: &'a BTreeMap<String, Vec<String>>,
    /// Those among them of which it is probed which lifetime in the type borrows from what, with this type.
    pub touched_types: &'a BTreeMap<String, String>,
    /// Numbers of earlier cells whose types are open, each with an expression of the open type.
    pub numbers: &'a BTreeMap<String, String>,
    /// The types of those among them that borrow from others, if known.
    pub number_types: &'a BTreeMap<String, String>,
    /// Whether their types are probed.
    pub asks_numbers: bool,
    /// Whether the result is what a `main` returns.
    pub result_is_main_result: bool,
    /// Whether the cell's result must be `Debug`.
    pub result_is_debug: bool,
}

/// No names, for a probe that does not ask for any.
static NO_NAMES: BTreeSet<String> = BTreeSet::new();
static NO_TYPES: BTreeMap<String, String> = BTreeMap::new();
static NO_PARTS: BTreeMap<String, Vec<String>> = BTreeMap::new();
static NO_EDITS: Edits = Edits::none();

impl<'a> Probe<'a> {
    /// Returns a probe that asks only for errors, in the cell as the user wrote it.
    pub fn errors(
        session: &'a Session,
        cell: &'a Cell,
        selection: &'a Selection,
        numbers: &'a BTreeMap<String, String>,
    ) -> Probe<'a> {
        Probe {
            session,
            cell,
            selection,
            edits: &NO_EDITS,
            types: &NO_NAMES,
            late_types: &NO_NAMES,
            late_calls: &NO_NAMES,
            closures: &NO_NAMES,
            kept: &[],
            keeps_apart: false,
            allows_borrows: false,
            touched: &NO_NAMES,
            touched_parts: &NO_PARTS,
            touched_types: &NO_TYPES,
            numbers,
            number_types: &NO_TYPES,
            asks_numbers: false,
            result_is_main_result: false,
            result_is_debug: false,
        }
    }

    /// Returns a probe that keeps each variable in a function of its own and asks for nothing else.
    pub fn apart(&self) -> Probe<'a> {
        Probe {
            types: &NO_NAMES,
            late_types: &NO_NAMES,
            late_calls: &NO_NAMES,
            closures: &NO_NAMES,
            keeps_apart: true,
            ..self.clone()
        }
    }

    /// Returns a probe that uses each variable at the end of a function of its own, to find out what conflicts with that.
    pub fn conflicts(&self) -> Probe<'a> {
        Probe {
            allows_borrows: true,
            touched: &NO_NAMES,
            ..self.apart()
        }
    }

    /// Writes the source.
    pub fn source(&self) -> Source {
        let mut source = Source::default();
        let asks = !self.types.is_empty() || !self.closures.is_empty() || self.asks_numbers;
        if asks {
            source.generate(FEATURES);
        }
        add_items(&mut source, self.session, self.cell, self.selection);
        source.generate(PLAIN_FUNCTIONS);
        self.add_plain(&mut source);
        if asks {
            source.generate(FUNCTIONS);
            self.add_types(&mut source);
        }
        for name in self.closures {
            self.add_traits(&mut source, name);
        }
        resolve_includes(&mut source, self.cell.edition);
        source
    }

    fn add_plain(&self, source: &mut Source) {
        source.begin_copy(Copy::Plain);
        let (apart, together) = if self.keeps_apart {
            (self.kept, &[][..])
        } else {
            (&[][..], self.kept)
        };
        self.add_function(source, "threadbook_plain", together, |source| {
            for name in self.late_types {
                tell_late(source, name, Use::TellLateType, name);
            }
            for name in self.late_calls {
                let call = format!("threadbook_call(&{name})");
                tell_late(source, &call, Use::TellLateCall, name);
            }
        });
        for (index, kept) in apart.iter().enumerate() {
            source.begin_copy(Copy::Persistence(index));
            let function = format!("threadbook_keeping_{index}");
            self.add_function(source, &function, std::slice::from_ref(kept), |_| {});
            if self.touched.contains(&kept.name) {
                source.begin_copy(Copy::Touches(index));
                let function = format!("{TOUCHING}_{index}");
                self.add_function(source, &function, std::slice::from_ref(kept), |_| {});
                self.add_lifetimes(source, index, kept);
            }
        }
    }

    /// Adds a function for each lifetime in the type of a variable, in which that is `'static`.
    fn add_lifetimes(&self, source: &mut Source, index: usize, kept: &KeptVariable) {
        let Some(ty) = self.touched_types.get(&kept.name) else {
            return;
        };
        for place in 0..count_lifetimes(ty) {
            source.begin_copy(Copy::Lifetime(index, place));
            let lifetime = |other| if other == place { "'static" } else { "'_" };
            let kept = KeptVariable {
                ty: Some(with_each_lifetime(ty, |other| lifetime(other).to_owned())),
                ..kept.clone()
            };
            let function = format!("{LIFETIMES}_{index}_{place}");
            self.add_function(source, &function, &[kept], |_| {});
        }
    }

    fn add_types(&self, source: &mut Source) {
        source.begin_copy(Copy::Types);
        self.add_function(source, TYPES_FUNCTION, &[], |source| {
            for name in self.types {
                source.use_variable(
                    &format!("let ThreadbookProbe = {name};"),
                    Use::TellType,
                    name,
                );
            }
            for name in self.closures {
                for (call, what) in [
                    (format!("call(&{name})"), Use::TellCall),
                    (format!("second_call(&{name})"), Use::TellSecondCall),
                    (format!("item(&{name})"), Use::TellItem),
                    (format!("output(&{name})"), Use::TellOutput),
                ] {
                    source.use_variable(
                        &format!("let ThreadbookProbe = threadbook_{call};"),
                        what,
                        name,
                    );
                }
            }
        });
    }

    /// Adds the functions that probe traits. rustc infers a closure's traits last, and only if the function has no other error.
    /// So each variable has functions of its own: two for a closure, otherwise one per trait.
    fn add_traits(&self, source: &mut Source, name: &str) {
        let variables = self.cell.variables();
        let is_closure = variables
            .iter()
            .any(|(binding, other, _)| *other == name && binding.value == Value::Closure);
        let groups: Vec<&[_]> = if is_closure {
            vec![&OF_CLOSURES, &OF_CLOSURES_APART]
        } else {
            OF_OTHERS.chunks(1).collect()
        };
        for (index, group) in groups.into_iter().enumerate() {
            source.begin_copy(Copy::Traits);
            self.add_function(
                source,
                &format!("threadbook_traits_of_{name}_{index}"),
                &[],
                |source| {
                    for (function, of) in group {
                        source.use_variable(
                            &format!("threadbook_{function}(&{name});"),
                            Use::Trait(*of),
                            name,
                        );
                    }
                },
            );
        }
    }

    /// Reads all other variables before the one that a function keeps: what that one borrows from exclusively cannot be read. Nor can
    /// what it borrows from be borrowed exclusively, or the parts of variables be changed from which it borrows.
    fn add_touches(&self, source: &mut Source, kept: &[KeptVariable], is_earlier: bool) {
        let [only] = kept else { return };
        if only.is_earlier != is_earlier {
            return;
        }
        let is_there =
            |other: &&KeptVariable| other.name != only.name && (other.is_earlier || !is_earlier);
        let names: BTreeSet<&String> = self
            .kept
            .iter()
            .filter(is_there)
            .map(|other| &other.name)
            .collect();
        for name in names {
            source.use_variable(&format!("threadbook_touch(&{name});"), Use::Touch, name);
            let line = format!("threadbook_touch_part(&mut {name});");
            source.use_variable(&line, Use::TouchExclusively, name);
            for part in self.touched_parts.get(name).into_iter().flatten() {
                let line = format!("threadbook_touch_part(&mut {part});");
                source.use_variable(&line, Use::TouchPart, part);
            }
        }
    }

    fn add_function(
        &self,
        source: &mut Source,
        function: &str,
        kept: &[KeptVariable],
        add_uses: impl FnOnce(&mut Source),
    ) {
        let is_types = function == TYPES_FUNCTION;
        let asynchronous = if self.cell.awaits { "async " } else { "" };
        source.generate(&format!(
            "{asynchronous}fn {function}() -> {} {{\n",
            outcome(self.cell)
        ));
        let first = deferred_first(self.selection);
        add_anchored(source, self.cell, self.selection, self.edits, &first);
        let variables: Vec<_> = self.selection.variables.iter().collect();
        take_variables(source, &variables, &variables, self.cell, self.edits, self);
        // In a block, since a variable of the cell may hide one of an earlier cell.
        source.generate("{\n");
        add_statements(source, self.cell, self.selection, self.edits, &first);
        let before = if self.result_is_debug {
            "threadbook_show(&("
        } else if self.result_is_main_result {
            "match &::threadbook_cell::outcome("
        } else {
            "match &("
        };
        let after = if self.result_is_debug {
            "));"
        } else {
            ") { _ => {} }"
        };
        add_result(
            source,
            self.cell,
            self.selection,
            self.edits,
            (before, after),
        );
        if function.starts_with(TOUCHING) {
            self.add_touches(source, kept, false);
        }
        let keep = match self.allows_borrows || function.starts_with(LIFETIMES) {
            true => "threadbook_touch",
            false => "threadbook_keep",
        };
        // In reverse: a borrower is defined after its lender.
        for KeptVariable { name, ty, .. } in kept.iter().rev().filter(|kept| !kept.is_earlier) {
            self.edits.parts.refill(source, name);
            let ty = turbofish(ty.as_ref());
            source.use_variable(&format!("{keep}{ty}(&{name});"), Use::Put, name);
        }
        add_uses(source);
        source.generate("}\n");
        if function.starts_with(TOUCHING) {
            self.add_touches(source, kept, true);
        }
        for KeptVariable { name, ty, .. } in kept.iter().filter(|kept| kept.is_earlier) {
            self.edits.earlier_parts.refill(source, name);
            let ty = turbofish(ty.as_ref());
            source.use_variable(&format!("{keep}{ty}(&{name});"), Use::PutBack, name);
        }
        for name in self.numbers.keys().filter(|_| is_types) {
            source.use_variable(
                &format!("let ThreadbookProbe = {name};"),
                Use::TellEarlierType,
                name,
            );
        }
        source.generate(end(self.cell));
        source.generate("}\n");
    }
}

/// Returns the type argument to write in a call, if there is one.
fn turbofish(ty: Option<&String>) -> String {
    ty.map_or(String::new(), |ty| format!("::<{ty}>"))
}

impl StoredValues for Probe<'_> {
    fn value(&self, _: &Variable) -> String {
        "threadbook_variable()".to_owned()
    }

    fn take(&self, source: &mut Source, variable: &Variable, mutable: &str) {
        let (name, ty) = (&variable.name, variable.stored_type());
        let line = match self.numbers.get(name) {
            Some(number) if variable.is_anchored => {
                format!("let {mutable}{name} = ::std::boxed::Box::new({number});")
            }
            Some(number) => format!("let {mutable}{name} = {number};"),
            None => format!("let {mutable}{name}: {ty} = {};", self.value(variable)),
        };
        source.use_variable(&line, Use::Take, name);
    }

    fn in_cell(&self, variable: &Variable) -> Variable {
        variable.with_type(self.number_types.get(&variable.name))
    }

    fn is_loose(&self, variable: &Variable) -> bool {
        let name = &variable.name;
        self.numbers.contains_key(name) && !self.number_types.contains_key(name)
    }

    fn moves_at_once(&self, _: &Variable) -> bool {
        true
    }
}

/// Adds a line that moves a value twice, which makes rustc name its type.
fn tell_late(source: &mut Source, value: &str, what: Use, name: &str) {
    let line = format!(
        "match &{value} {{ threadbook_value => {{ let threadbook_late = ThreadbookLate(threadbook_value); ::std::mem::drop(threadbook_late); ::std::mem::drop(threadbook_late); }} }}"
    );
    source.use_variable(&line, what, name);
}
