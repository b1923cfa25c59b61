using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Core;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Where a flat-file store keeps what: <c>FOLDER/KEY.data</c>, where the key is the multihash in upper-case base32 without padding and the
/// folder is by the shard function (go-ds-flatfs, and Kubo's mount of it at <c>/blocks</c>).
/// </summary>
internal sealed class FlatFileLayout
{
    /// <summary>
    /// Files being written. Not flatfs's own <c>.temp</c>, which Kubo empties when it opens the store; like that one its name begins with a
    /// dot, so Kubo does not take it for a shard.
    /// </summary>
    public const string UnfinishedFolder = ".bitswap-unfinished";

    private const string ShardingFile = "SHARDING";
    private const string Suffix = ".data";

    // 4096 bytes are no SHARDING file: not read, so that a wrong folder costs nothing.
    private const int MaxShardingFileLength = 4096;

    private readonly ShardFunction _shards;

    private FlatFileLayout(string root, ShardFunction shards)
    {
        Root = root;
        _shards = shards;
        Unfinished = Path.Combine(root, UnfinishedFolder);
    }

    public string Root { get; }

    public string Unfinished { get; }

    /// <summary>Opens the layout of a folder, or makes a folder that is missing or empty into a store.</summary>
    public static FlatFileLayout OpenOrCreate(string root)
    {
        string sharding = Path.Combine(root, ShardingFile);
        if (!File.Exists(sharding))
        {
            Directory.CreateDirectory(root);
            string? stranger = Directory.EnumerateFileSystemEntries(root)
                .FirstOrDefault(path => !Path.GetFileName(path).StartsWith('.') && Path.GetFileName(path) != ShardingFile);
            if (stranger is not null && !File.Exists(sharding))
            {
                throw new BitswapException(
                    NodeErrorIds.StoreFailed,
                    $"'{root}' is not a block store: it has no {ShardingFile} file but holds '{Path.GetFileName(stranger)}'.",
                    "Give an empty or new folder, or the 'blocks' folder of a Kubo repository.",
                    root);
            }

            if (stranger is null)
            {
                StoreOwner.Claim(root);
                WriteSharding(root, sharding);
            }
        }

        return new FlatFileLayout(root, ReadSharding(sharding));
    }

    public string PathOf(in Multihash hash)
    {
        string key = KeyOf(hash);
        return Path.Combine(Root, _shards.FolderOf(key), key + Suffix);
    }

    /// <summary>Returns a pattern of the names of the files of such blocks, and perhaps of a few others.</summary>
    public static string FilesOf(HashPrefix start) => start.Base32Upper + "*";

    /// <summary>Returns the folders that may hold blocks.</summary>
    public IEnumerable<string> Folders() => Directory.EnumerateDirectories(Root).Where(path => !Path.GetFileName(path).StartsWith('.'));

    /// <summary>
    /// Returns the multihash that a file is named by; false for a file that is not a block's, or lies where it would not be looked for.
    /// </summary>
    public bool TryGetHash(string path, out Multihash hash)
    {
        hash = default;
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        if (!name.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return false;
        }

        string key = name[..^Suffix.Length].ToString();
        return key.Length > 0
            && Multibase.TryDecodeRaw(MultibaseEncoding.Base32Upper, key, out byte[]? bytes)
            && Multihash.TryRead(bytes, out hash, out int consumed)
            && consumed == bytes.Length
            && string.Equals(PathOf(hash), path, StringComparison.Ordinal);
    }

    private static string KeyOf(in Multihash hash) => Multibase.EncodeRaw(MultibaseEncoding.Base32Upper, hash.Bytes);

    private static ShardFunction ReadSharding(string path)
    {
        using StreamReader reader = new(path);
        char[] text = new char[MaxShardingFileLength];
        int length = reader.ReadBlock(text);
        string content = new(text, 0, length);
        return ShardFunction.TryParse(content) ?? throw new BitswapException(
            NodeErrorIds.StoreFailed,
            $"'{path}' names a way of sharding that is not known here: '{Shorten(content.Trim())}'.",
            "Known are /repo/flatfs/shard/v1/ with prefix/N, suffix/N and next-to-last/N; Kubo uses next-to-last/2. "
                + "Convert the store with Kubo's tools.",
            path);
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "...";

    /// <summary>Written aside and renamed: another process that opens the store at that time sees no file or the whole.</summary>
    private static void WriteSharding(string root, string path)
    {
        string aside = Path.Combine(root, $".{ShardingFile}-{Guid.NewGuid():N}");
        File.WriteAllText(aside, ShardFunction.Default + "\n");
        File.Move(aside, path, overwrite: true);
    }
}
