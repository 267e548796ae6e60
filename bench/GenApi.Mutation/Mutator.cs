using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GenApi.Mutation;

/// <summary>
/// Rewrites a file so that it holds all its mutants at once, each behind a switch: one build serves them all. <see cref="Trial"/> drops
/// mutants that do not compile, so the rules need no knowledge of types.
/// </summary>
internal sealed class Mutator(string file, Func<int> nextId, IReadOnlySet<int> dropped) : CSharpSyntaxRewriter
{
    private const string Switch = "global::GenApi.Core.MutantSwitch";

    private static readonly Dictionary<SyntaxKind, (string Text, string Kind)> Operators = new()
    {
        [SyntaxKind.EqualsExpression] = ("!=", "equality"),
        [SyntaxKind.NotEqualsExpression] = ("==", "equality"),
        [SyntaxKind.LessThanExpression] = ("<=", "boundary"),
        [SyntaxKind.LessThanOrEqualExpression] = ("<", "boundary"),
        [SyntaxKind.GreaterThanExpression] = (">=", "boundary"),
        [SyntaxKind.GreaterThanOrEqualExpression] = (">", "boundary"),
        [SyntaxKind.AddExpression] = ("-", "arithmetic"),
        [SyntaxKind.SubtractExpression] = ("+", "arithmetic"),
        [SyntaxKind.MultiplyExpression] = ("/", "arithmetic"),
        [SyntaxKind.DivideExpression] = ("*", "arithmetic"),
    };

    private static readonly Dictionary<string, string> Methods = new(StringComparer.Ordinal)
    {
        ["Any"] = "All",
        ["All"] = "Any",
        ["Min"] = "Max",
        ["Max"] = "Min",
        ["OrderBy"] = "OrderByDescending",
        ["OrderByDescending"] = "OrderBy",
        ["Take"] = "Skip",
    };

    public List<Mutant> Mutants { get; } = [];

    // Constants own their numbers, and log lines promise nothing.
    public override SyntaxNode? VisitAttributeList(AttributeListSyntax node) => node;

    public override SyntaxNode? VisitParameterList(ParameterListSyntax node) => node;

    public override SyntaxNode? VisitClassDeclaration(ClassDeclarationSyntax node) => node.Identifier.Text == "Log"
        ? node
        : base.VisitClassDeclaration(node);

    public override SyntaxNode? VisitConstantPattern(ConstantPatternSyntax node) => node;

    public override SyntaxNode? VisitRelationalPattern(RelationalPatternSyntax node) => node;

    public override SyntaxNode? VisitCaseSwitchLabel(CaseSwitchLabelSyntax node) => node;

    public override SyntaxNode? VisitThrowStatement(ThrowStatementSyntax node) => node;

    public override SyntaxNode? VisitThrowExpression(ThrowExpressionSyntax node) => node;

    public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node) =>
        node.Modifiers.Any(SyntaxKind.ConstKeyword) ? node : base.VisitFieldDeclaration(node);

    public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node) =>
        node.IsConst ? node : base.VisitLocalDeclarationStatement(node);

    /// <summary>
    /// Leaves database queries unchanged: a switch in a query would become part of the SQL and change the service even with no mutant on.
    /// </summary>
    public override SyntaxNode? VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node) =>
        node.ExpressionBody is not null && IsOfQuery(node) ? node : base.VisitSimpleLambdaExpression(node);

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var visited = (BinaryExpressionSyntax)base.VisitBinaryExpression(node)!;
        switch (node.Kind())
        {
            case SyntaxKind.LogicalAndExpression:
            case SyntaxKind.LogicalOrExpression:
                return Condition(node, visited, node.IsKind(SyntaxKind.LogicalAndExpression) ? "and" : "or");
            case SyntaxKind.CoalesceExpression when node.Right is not ThrowExpressionSyntax:
                return Either(node, visited, node.Right.ToString(), "coalesce");
            default:
                if (!Operators.TryGetValue(node.Kind(), out var other))
                    return visited;
                ExpressionSyntax result = Either(node, visited, $"{node.Left} {other.Text} {node.Right}", other.Kind);
                return other.Kind == "boundary" ? Either(node, result, $"!({node})", "condition") : result;
        }
    }

    public override SyntaxNode? VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        var visited = (ExpressionSyntax)base.VisitPrefixUnaryExpression(node)!;
        return node.IsKind(SyntaxKind.LogicalNotExpression) ? Either(node, visited, node.Operand.ToString(), "negation") : visited;
    }

    public override SyntaxNode? VisitIfStatement(IfStatementSyntax node)
    {
        var visited = (IfStatementSyntax)base.VisitIfStatement(node)!;
        return node.Condition is BinaryExpressionSyntax or PrefixUnaryExpressionSyntax
            ? visited
            : visited.WithCondition(Condition(node.Condition, visited.Condition, "condition"));
    }

    public override SyntaxNode? VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        var visited = (ConditionalExpressionSyntax)base.VisitConditionalExpression(node)!;
        return node.Condition is BinaryExpressionSyntax or PrefixUnaryExpressionSyntax
            ? visited
            : visited.WithCondition(Condition(node.Condition, visited.Condition, "condition"));
    }

    public override SyntaxNode? VisitReturnStatement(ReturnStatementSyntax node)
    {
        var visited = (ReturnStatementSyntax)base.VisitReturnStatement(node)!;
        return node.Expression is LiteralExpressionSyntax literal && Opposite(literal) is { } other
            ? visited.WithExpression(Either(literal, visited.Expression!, other, "boolean"))
            : visited;
    }

    public override SyntaxNode? VisitInterpolation(InterpolationSyntax node)
    {
        var visited = (InterpolationSyntax)base.VisitInterpolation(node)!;
        return visited.WithExpression(Either(node.Expression, visited.Expression, "(object?)null", "left out"));
    }

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var visited = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        return node.Expression is MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } member
            && Methods.TryGetValue(name.Identifier.Text, out var other)
            ? Either(node, visited, $"{member.Expression}.{other}{node.ArgumentList}", "method")
            : visited;
    }

    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        var visited = (ExpressionStatementSyntax)base.VisitExpressionStatement(node)!;
        var text = node.ToString();
        if (text.Contains("Log.", StringComparison.Ordinal) || text.Contains("ArgumentNullException", StringComparison.Ordinal))
            return visited;
        // In braces: a following "else" belongs to the surrounding statement.
        return Add(node, "statement", "") is { } id
            ? SyntaxFactory.ParseStatement($"{{ if ({Switch}.Off({id})) {visited.WithoutTrivia().ToFullString()} }}").WithTriviaFrom(node)
            : visited;
    }

    private static string? Opposite(LiteralExpressionSyntax literal) => literal.Kind() switch
    {
        SyntaxKind.TrueLiteralExpression => "false",
        SyntaxKind.FalseLiteralExpression => "true",
        _ => null,
    };

    /// <summary>Replaces a condition: by false if it declares variables, as they would have no value; else by its opposite.</summary>
    private ExpressionSyntax Condition(ExpressionSyntax node, ExpressionSyntax visited, string kind)
    {
        var declares = node.DescendantNodesAndSelf().Any(each => each is SingleVariableDesignationSyntax);
        if (!declares)
            return Either(node, visited, $"!({node})", kind);
        return Add(node, kind, "false") is { } id
            ? Parse(node, $"(({visited.WithoutTrivia().ToFullString()}) && {Switch}.Off({id}))")
            : visited;
    }

    private ExpressionSyntax Either(ExpressionSyntax node, ExpressionSyntax visited, string changed, string kind) =>
        Add(node, kind, changed) is { } id
            ? Parse(node, $"({Switch}.Is({id}) ? {changed} : {visited.WithoutTrivia().ToFullString()})")
            : visited;

    /// <returns>Null if it is known not to compile.</returns>
    private int? Add(SyntaxNode node, string kind, string changed)
    {
        var id = nextId();
        if (dropped.Contains(id))
            return null;
        Mutants.Add(new Mutant(id, file, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1, kind, node.ToString(), changed));
        return id;
    }

    private static ExpressionSyntax Parse(ExpressionSyntax node, string text) => SyntaxFactory.ParseExpression(text).WithTriviaFrom(node);

    private static bool IsOfQuery(SyntaxNode node)
    {
        var around = (SyntaxNode?)node.FirstAncestorOrSelf<StatementSyntax>() ?? node.FirstAncestorOrSelf<MemberDeclarationSyntax>();
        var text = around?.ToString() ?? "";
        return text.Contains(".Set<", StringComparison.Ordinal) || text.Contains("open.", StringComparison.Ordinal);
    }
}
