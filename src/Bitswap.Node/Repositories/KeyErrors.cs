using System.Globalization;

namespace Bitswap.Node.Repositories;

/// <summary>Makes the errors of keys, so that each id, its words and its remedy are in one place.</summary>
internal static class KeyErrors
{
    public static BitswapException InvalidName(string name) =>
        new(
            NodeErrorIds.InvalidKeyName,
            $"'{name}' cannot be the name of a key: it has 1 to 64 characters, of the letters a to z, the digits, '.', '-' and '_', begins with a letter or a digit, and is no device of Windows.",
            "Give another name, such as blog.",
            name);

    public static BitswapException IsSelf(string name, string what) =>
        new(
            NodeErrorIds.InvalidKeyName,
            $"'{name}' is the node's own key, which cannot be {what}.",
            "Give another name. Publish-BitswapName uses the node's own key when -Key is left out.",
            name);

    public static BitswapException NoSelf() =>
        new(
            NodeErrorIds.KeyNotFound,
            "The node's own key is not known here: it is on a network that gives its peers their identities.",
            "Make a key with New-BitswapKey and name it with -Key, or start the node with -PrivateKey or -Seed.",
            KeyStore.Self);

    public static BitswapException NotFound(string name) =>
        new(NodeErrorIds.KeyNotFound, $"The node has no key '{name}'.", "List the keys with Get-BitswapKey, or make it with New-BitswapKey.", name);

    public static BitswapException Exists(string name, string which) =>
        new(NodeErrorIds.KeyExists, $"{which}, and nothing is changed.", "Use that key, give another name, or remove it with Remove-BitswapKey first.", name);

    public static BitswapException TooMany(int max) =>
        new(
            NodeErrorIds.LimitExceeded,
            string.Create(CultureInfo.InvariantCulture, $"The node has {max} keys, as many as it may."),
            "Remove keys with Remove-BitswapKey.");

    public static BitswapException Invalid(string path, string why, Exception? cause) =>
        new(NodeErrorIds.InvalidKey, $"'{path}' is no key: {why}", "Restore the file from a copy, or delete it and make another key with New-BitswapKey.", path, cause);
}
