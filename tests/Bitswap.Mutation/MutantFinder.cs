using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Bitswap.Mutation;

/// <summary>
/// Finds what may be changed in a file: operators, conditions, truth values, and calls and assignments that are left out. What is logged, thrown or asserted of
/// arguments is left alone, since nothing is decided there.
/// </summary>
internal sealed class MutantFinder : CSharpSyntaxWalker
{
    private static readonly Dictionary<SyntaxKind, string[]> _operators = new()
    {
        [SyntaxKind.LessThanToken] = ["<=", ">="],
        [SyntaxKind.LessThanEqualsToken] = ["<", ">"],
        [SyntaxKind.GreaterThanToken] = [">=", "<="],
        [SyntaxKind.GreaterThanEqualsToken] = [">", "<"],
        [SyntaxKind.EqualsEqualsToken] = ["!="],
        [SyntaxKind.ExclamationEqualsToken] = ["=="],
        [SyntaxKind.AmpersandAmpersandToken] = ["||"],
        [SyntaxKind.BarBarToken] = ["&&"],
        [SyntaxKind.PlusToken] = ["-"],
        [SyntaxKind.MinusToken] = ["+"],
        [SyntaxKind.AsteriskToken] = ["/"],
        [SyntaxKind.SlashToken] = ["*"],
        [SyntaxKind.PlusEqualsToken] = ["-="],
        [SyntaxKind.MinusEqualsToken] = ["+="],
        [SyntaxKind.PlusPlusToken] = ["--"],
        [SyntaxKind.MinusMinusToken] = ["++"],
    };

    private readonly string _file;
    private readonly SourceText _text;
    private readonly List<Mutant> _found = [];

    private MutantFinder(string file, SourceText text)
    {
        _file = file;
        _text = text;
    }

    public static IReadOnlyList<Mutant> Find(SyntaxTree tree)
    {
        MutantFinder finder = new(tree.FilePath, tree.GetText());
        finder.Visit(tree.GetRoot());
        return finder._found;
    }

    public override void VisitAttributeList(AttributeListSyntax node)
    {
    }

    public override void VisitThrowStatement(ThrowStatementSyntax node)
    {
    }

    public override void VisitThrowExpression(ThrowExpressionSyntax node)
    {
    }

    public override void VisitInterpolatedStringExpression(InterpolatedStringExpressionSyntax node)
    {
    }

    public override void VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        string called = node.Expression.ToString();
        if (IsLogOrGuard(called))
        {
            return;
        }

        if (called.EndsWith(".ConfigureAwait", StringComparison.Ordinal))
        {
            Visit(node.Expression);
            return;
        }

        if (called is "Math.Min" or "Math.Max")
        {
            Add(node.Expression, called == "Math.Min" ? "Math.Max" : "Math.Min");
        }

        base.VisitInvocationExpression(node);
    }

    public override void VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        Swap(node.OperatorToken);
        base.VisitBinaryExpression(node);
    }

    public override void VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        Swap(node.OperatorToken);
        base.VisitAssignmentExpression(node);
    }

    public override void VisitPostfixUnaryExpression(PostfixUnaryExpressionSyntax node)
    {
        Swap(node.OperatorToken);
        base.VisitPostfixUnaryExpression(node);
    }

    public override void VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.LogicalNotExpression))
        {
            Add(node, node.Operand.ToString());
        }
        else
        {
            Swap(node.OperatorToken);
        }

        base.VisitPrefixUnaryExpression(node);
    }

    public override void VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        if (node.Kind() is SyntaxKind.TrueLiteralExpression or SyntaxKind.FalseLiteralExpression)
        {
            Add(node, node.IsKind(SyntaxKind.TrueLiteralExpression) ? "false" : "true");
        }
    }

    public override void VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        Add(node, $"{node.Condition} ? {node.WhenFalse} : {node.WhenTrue}");
        base.VisitConditionalExpression(node);
    }

    public override void VisitIfStatement(IfStatementSyntax node)
    {
        // what has an operator is turned around by that
        if (node.Condition is not (BinaryExpressionSyntax or PrefixUnaryExpressionSyntax))
        {
            Add(node.Condition, $"!({node.Condition})");
        }

        base.VisitIfStatement(node);
    }

    public override void VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        ExpressionSyntax called = node.Expression is AwaitExpressionSyntax awaited ? awaited.Expression : node.Expression;
        bool isCall = called is InvocationExpressionSyntax call && !IsLogOrGuard(call.Expression.ToString());
        bool isSet = called.IsKind(SyntaxKind.SimpleAssignmentExpression) && node.FirstAncestorOrSelf<ConstructorDeclarationSyntax>() is null;
        if (isCall || isSet)
        {
            Add(node, ";");
        }

        base.VisitExpressionStatement(node);
    }

    public override void VisitReturnStatement(ReturnStatementSyntax node) => Leave(node, node.Expression is null, () => base.VisitReturnStatement(node));

    public override void VisitBreakStatement(BreakStatementSyntax node) => Leave(node, node.Parent is not SwitchSectionSyntax, () => base.VisitBreakStatement(node));

    public override void VisitContinueStatement(ContinueStatementSyntax node) => Leave(node, true, () => base.VisitContinueStatement(node));

    private static bool IsLogOrGuard(string called) =>
        called is "nameof" || called.StartsWith("log.", StringComparison.Ordinal) || called.StartsWith("_log.", StringComparison.Ordinal)
        || called.Contains("ThrowIf", StringComparison.Ordinal);

    private void Leave(SyntaxNode node, bool mayGo, Action descend)
    {
        if (mayGo)
        {
            Add(node, ";");
        }

        descend();
    }

    private void Swap(SyntaxToken token)
    {
        foreach (string other in _operators.GetValueOrDefault(token.Kind(), []))
        {
            Add(token.Span, token.Parent!.ToString(), token.Parent!.ToString().Remove(token.SpanStart - token.Parent.SpanStart, token.Span.Length)
                .Insert(token.SpanStart - token.Parent.SpanStart, other), other);
        }
    }

    private void Add(SyntaxNode node, string after) => Add(node.Span, node.ToString(), after, after);

    private void Add(TextSpan span, string before, string after, string replacement)
    {
        TextLine line = _text.Lines.GetLineFromPosition(span.Start);
        _found.Add(new Mutant(_file, span, line.LineNumber + 1, line.ToString().Trim(), OneLine(before), OneLine(after)) { Replacement = replacement });
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
