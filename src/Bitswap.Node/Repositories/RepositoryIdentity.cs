using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Node.Core;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Node.Repositories;

/// <summary>
/// The identity key of a repository, in <c>identity.key</c>: libp2p's own PrivateKey message, as
/// <c>ipfs key export --format=libp2p-protobuf-cleartext</c> writes it. Only its owner may read it (mode 600); on
/// Windows it has the rights of its folder, by default those of the user's profile.
/// </summary>
internal static class RepositoryIdentity
{
    public const string KeyFile = "identity.key";
    private const string UnfinishedPattern = ".identity-*.tmp";

    // An Ed25519 key takes 68 bytes, an RSA key of 8192 bits, which is refused by name, under 5 KiB.
    private const int MaxKeyLength = 16 * 1024;

    /// <summary>Reads the key, or makes one where there is none. Only the holder of the repository's lock may call it.</summary>
    public static PrivateKey ReadOrCreate(string folder, PrivateKey? expected)
    {
        // What a creation that was cut short left behind holds a secret that is not used.
        foreach (string unfinished in Directory.EnumerateFiles(folder, UnfinishedPattern))
        {
            File.Delete(unfinished);
        }

        string path = Path.Combine(folder, KeyFile);
        if (!File.Exists(path))
        {
            PrivateKey key = expected ?? PrivateKey.Generate();
            Write(folder, path, key);
            return key;
        }

        return Read(folder, expected);
    }

    /// <summary>Reads the key of a repository that has one.</summary>
    public static PrivateKey Read(string folder, PrivateKey? expected)
    {
        PrivateKey stored = Read(Path.Combine(folder, KeyFile));
        return expected is null || expected.PeerId.Equals(stored.PeerId)
            ? stored
            : throw new BitswapException(
                NodeErrorIds.IdentityMismatch,
                $"The repository '{folder}' has the identity {stored.PeerId}, not the given {expected.PeerId}.",
                "Leave the key out to use the repository's own identity, or give another folder.",
                folder);
    }

    private static PrivateKey Read(string path)
    {
        byte[] content = GC.AllocateUninitializedArray<byte>(MaxKeyLength + 1, pinned: true);
        try
        {
            int length;
            using (SafeFileHandle file = File.OpenHandle(path))
            {
                length = RandomAccess.Read(file, content, 0);
            }

            if (length > MaxKeyLength)
            {
                throw Invalid(path, "it is too long for a key", null);
            }

            return PrivateKey.Decode(content.AsSpan(0, length));
        }
        catch (Libp2pException error)
        {
            throw Invalid(path, error.Message, error);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>
    /// Written aside with its mode from the start, flushed and renamed: the key is there whole, and no other user could ever read it.
    /// </summary>
    private static void Write(string folder, string path, PrivateKey key)
    {
        string unfinished = Path.Combine(folder, UnfinishedPattern.Replace("*", Guid.NewGuid().ToString("N"), StringComparison.Ordinal));
        byte[] encoded = key.Encode();
        try
        {
            OwnFile.Replace(path, unfinished, encoded, overwrite: false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(encoded);
        }
    }

    private static BitswapException Invalid(string path, string why, Exception? cause) =>
        new(
            NodeErrorIds.InvalidKey,
            $"'{path}' is no identity key: {why}",
            "Restore the file from a copy. Or move it away: the repository then gets a new identity, and with it a new peer id.",
            path,
            cause);
}
