namespace Bitswap.Node.Abstractions;

/// <summary>What a search for providers has to say in the error of a want that ends without its block.</summary>
/// <param name="Told">Who was named, what became of each, and which sources failed, in sentences.</param>
/// <param name="Remedy">What helps against that; null where it is nothing in particular.</param>
/// <param name="Failure">Why a source failed; null when none has.</param>
internal sealed record SearchAccount(string Told, string? Remedy, Exception? Failure);
