using Microsoft.CodeAnalysis.Text;

namespace Bitswap.Mutation;

/// <summary>One change to the code.</summary>
/// <param name="File">The file, in full.</param>
/// <param name="Span">What is replaced.</param>
/// <param name="Line">The number of the line it is in.</param>
/// <param name="LineText">The line, without what is around it.</param>
/// <param name="Before">The expression or statement that changes, on one line.</param>
/// <param name="After">How that reads afterwards.</param>
internal sealed record Mutant(string File, TextSpan Span, int Line, string LineText, string Before, string After)
{
    /// <summary>What is put in the place of <see cref="Span"/>.</summary>
    public required string Replacement { get; init; }

    /// <summary>What tells it from others, also when lines above it come and go: the key of equivalent.txt.</summary>
    public string Key => $"{Path.GetFileName(File)} | {LineText} | {Before} -> {After}";
}
