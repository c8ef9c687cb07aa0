//! The expansion of a macro's call, by rust-analyzer's implementation of `macro_rules!`.

use ra_ap_mbe::{DeclarativeMacro, MacroCallStyle};
use ra_ap_parser::{Edition, LexedStr, SyntaxKind, T, TopEntryPoint};
use ra_ap_span::{
    EditionedFileId, FileId, ROOT_ERASED_FILE_AST_ID, Span, SpanAnchor, SpanMap, SyntaxContext,
};
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{SyntaxNode, SyntaxToken, TextRange, TextSize};
use ra_ap_syntax_bridge::{parse_to_token_tree, token_tree_to_syntax_node};
use std::collections::BTreeMap;

/// The parsed expansion of a call.
pub struct Expanded {
    pub root: SyntaxNode,
    /// Whether it is not what was asked for.
    pub has_errors: bool,
    /// Where its tokens come from.
    spans: SpanMap,
    sources: Sources,
}

/// The texts of a macro's rules and of a call's argument.
struct Sources([String; 2]);

impl Expanded {
    /// Expands a call by these rules; `None` if they do not accept the argument.
    pub fn of(
        rules: &str,
        argument: &str,
        edition: Edition,
        place: TopEntryPoint,
    ) -> Option<Expanded> {
        let sources = Sources([rules.to_owned(), argument.to_owned()]);
        let context = SyntaxContext::root(edition);
        let [rules, argument] = [0, 1].map(|index| {
            let anchor = Sources::anchor(index, edition);
            parse_to_token_tree(edition, anchor, context, sources.text(index)?)
        });
        let rules = DeclarativeMacro::parse_macro_rules(&rules?, |_| edition);
        let call = Span {
            range: TextRange::empty(TextSize::new(0)),
            anchor: Sources::anchor(1, edition),
            ctx: context,
        };
        let database = salsa::DatabaseImpl::default();
        let expanded = rules.expand(&database, &argument?, |_| (), MacroCallStyle::FnLike, call);
        if expanded.err.is_some() {
            return None;
        }
        let (parsed, spans) = token_tree_to_syntax_node(&expanded.value.0, place, &mut |_| edition);
        Some(Expanded {
            root: parsed.syntax_node(),
            has_errors: !parsed.errors().is_empty(),
            spans,
            sources,
        })
    }

    /// Returns the text of a node. Tokens have blanks between them unless they stand side by side in the rules or in the argument,
    /// since `stringify!` shows these blanks.
    pub fn text(&self, node: &SyntaxNode) -> String {
        self.written(node, is_stringified, |_| None)
    }

    /// Returns the text of the argument of a call in the expansion, for a macro that takes expressions.
    pub fn argument(&self, tree: &SyntaxNode) -> String {
        let is_left_out = |token: &SyntaxToken| is_stringified(token) || is_around_all(token);
        self.written(tree, is_left_out, |_| None)
    }

    /// Returns the rule of a macro that expands the same argument to only these nodes. Names are visible as before: those in the
    /// argument outside of the macro, and those that it introduces itself only inside (The Rust Reference, "Hygiene").
    pub fn rule(&self, nodes: &[SyntaxNode], edition: Edition) -> String {
        let [_, argument] = &self.sources.0;
        let lexed = LexedStr::new(edition, argument);
        let parameter = |offset: usize| format!("$threadbook_{offset}");
        let mut pattern = String::new();
        let mut parameters = BTreeMap::new();
        for index in 0..lexed.len() {
            let offset = lexed.text_start(index);
            if matches!(lexed.kind(index), SyntaxKind::IDENT | SyntaxKind::STRING) {
                let parameter = parameter(offset);
                pattern.push_str(&format!(" {parameter}:tt "));
                parameters.insert(offset, parameter);
            } else {
                pattern.push_str(lexed.text(index));
            }
        }
        let parameter_at = |span: Span| {
            let is_in_argument = span.anchor == Sources::anchor(1, edition);
            let offset = usize::from(span.range.start());
            let found = parameters.get(&offset).filter(|_| is_in_argument);
            found.map(String::as_str)
        };
        let texts = nodes.iter();
        let texts = texts.map(|node| self.written(node, is_stringified, parameter_at));
        format!(
            "({pattern}) => {{ {} }}",
            texts.collect::<Vec<_>>().join(" ")
        )
    }

    /// Returns the text of a node without those added parentheses for which `is_left_out` holds, and with the parameter of a macro
    /// in place of each token at whose span there is one.
    fn written<'a>(
        &self,
        node: &SyntaxNode,
        is_left_out: impl Fn(&SyntaxToken) -> bool,
        parameter_at: impl Fn(Span) -> Option<&'a str>,
    ) -> String {
        let tokens = node
            .descendants_with_tokens()
            .filter_map(|part| part.into_token());
        let mut text = String::new();
        let mut before: Option<Span> = None;
        for token in tokens.filter(|token| !token.kind().is_trivia()) {
            let span = self.spans.span_at(token.text_range().start());
            if self.is_added(&token, span) && is_left_out(&token) {
                continue;
            }
            let is_joined = |before: Span| {
                before.anchor == span.anchor && before.range.end() == span.range.start()
            };
            if before.is_some_and(|before| !is_joined(before)) {
                text.push(' ');
            }
            text.push_str(match (token.text(), parameter_at(span)) {
                (_, Some(parameter)) => parameter,
                // All macros of the notebook are of the same crate.
                ("$crate", None) => "crate",
                (token, None) => token,
            });
            before = Some(span);
        }
        text
    }

    /// Whether the expansion has added the token: the parentheses around a parameter that is an expression.
    fn is_added(&self, token: &SyntaxToken, span: Span) -> bool {
        matches!(token.kind(), T!['('] | T![')']) && self.sources.at(span) != Some(token.text())
    }
}

/// Whether the token is in the argument of `stringify!`.
fn is_stringified(token: &SyntaxToken) -> bool {
    let trees = token.parent_ancestors().filter_map(ast::TokenTree::cast);
    let mut names = trees.filter_map(|tree| {
        let first = tree.syntax().first_token()?;
        let bang = first.prev_token().filter(|bang| bang.kind() == T![!])?;
        bang.prev_token()
    });
    names.any(|name| name.text() == "stringify")
}

/// Whether the token is one of the parentheses around a whole argument, between commas.
fn is_around_all(token: &SyntaxToken) -> bool {
    let Some(tree) = token.parent() else {
        return false;
    };
    let before = tree.first_token().and_then(|open| open.prev_token());
    let after = tree.last_token().and_then(|close| close.next_token());
    let is_begin = |kind| matches!(kind, T!['('] | T!['['] | T!['{'] | T![,] | T![;]);
    let is_end = |kind| matches!(kind, T![')'] | T![']'] | T!['}'] | T![,] | T![;]);
    before.is_some_and(|before| is_begin(before.kind()))
        && after.is_some_and(|after| is_end(after.kind()))
}

impl Sources {
    fn anchor(index: u32, edition: Edition) -> SpanAnchor {
        SpanAnchor {
            file_id: EditionedFileId::new(FileId::from_raw(index), edition),
            ast_id: ROOT_ERASED_FILE_AST_ID,
        }
    }

    fn text(&self, index: u32) -> Option<&str> {
        self.0.get(index as usize).map(String::as_str)
    }

    /// Returns the text at a span.
    fn at(&self, span: Span) -> Option<&str> {
        let text = self.text(span.anchor.file_id.file_id().index())?;
        text.get(span.range.start().into()..span.range.end().into())
    }
}
