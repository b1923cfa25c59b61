namespace Bitswap.Node.Abstractions;

/// <summary>Makes the errors of names, so that each id, its words and its remedy are in one place.</summary>
internal static class NameErrors
{
    public static BitswapException InvalidRecord(string name, string why, Exception? cause = null) =>
        new(
            NodeErrorIds.InvalidNameRecord,
            $"A record of the name {name} is not valid: {why}.",
            "Ask the holder of the name to publish it again; or check the name for a character that is missing.",
            name,
            cause);
}
