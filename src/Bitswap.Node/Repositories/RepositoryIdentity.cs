using Bitswap.Libp2p.Crypto;

namespace Bitswap.Node.Repositories;

/// <summary>The identity key of a repository, in <c>identity.key</c>, a <see cref="KeyFile"/>.</summary>
internal static class RepositoryIdentity
{
    public const string FileName = "identity.key";
    private const string UnfinishedPattern = ".identity-*.tmp";

    /// <summary>Reads the key, or makes one where there is none. Only the holder of the repository's lock may call it.</summary>
    public static PrivateKey ReadOrCreate(string folder, PrivateKey? expected)
    {
        // What a creation that was cut short left behind holds a secret that is not used.
        foreach (string unfinished in Directory.EnumerateFiles(folder, UnfinishedPattern))
        {
            File.Delete(unfinished);
        }

        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            PrivateKey key = expected ?? PrivateKey.Generate();
            KeyFile.Write(path, Path.Combine(folder, UnfinishedPattern.Replace("*", Guid.NewGuid().ToString("N"), StringComparison.Ordinal)), key);
            return key;
        }

        return Read(folder, expected);
    }

    /// <summary>Reads the key of a repository that has one.</summary>
    public static PrivateKey Read(string folder, PrivateKey? expected)
    {
        string path = Path.Combine(folder, FileName);
        PrivateKey stored = KeyFile.Read(path, (why, cause) => Invalid(path, why, cause));
        return expected is null || expected.PeerId.Equals(stored.PeerId)
            ? stored
            : throw new BitswapException(
                NodeErrorIds.IdentityMismatch,
                $"The repository '{folder}' has the identity {stored.PeerId}, not the given {expected.PeerId}.",
                "Leave the key out to use the repository's own identity, or give another folder.",
                folder);
    }

    private static BitswapException Invalid(string path, string why, Exception? cause) =>
        new(
            NodeErrorIds.InvalidKey,
            $"'{path}' is no identity key: {why}",
            "Restore the file from a copy. Or move it away: the repository then gets a new identity, and with it a new peer id.",
            path,
            cause);
}
