using System.Security.Cryptography;
using Bitswap.Dag.UnixFs.Import.Abstractions;

namespace Bitswap.Node.Tests.Interop;

/// <summary>A folder with what can go wrong on a trip: a file of 100 MiB, a folder that has to be sharded, names, nothing at all, a symlink.</summary>
public sealed class TripTree : IDisposable
{
    /// <summary>The bytes of a folder's links above which it is sharded, small so that a few hundred files are enough.</summary>
    public const int ShardingThreshold = 4096;

    private const int BigFile = 100 << 20;
    private const int ManyFiles = 400;
    private readonly TempFolder _folder = new();

    public TripTree()
    {
        Directory.CreateDirectory(_folder["tree/many"]);
        Directory.CreateDirectory(_folder["tree/a/b/c"]);
        Directory.CreateDirectory(_folder["tree/nothing in it"]);
        byte[] data = new byte[BigFile];
        new Random(BigFile).NextBytes(data);
        File.WriteAllBytes(_folder["tree/big.bin"], data);
        for (int i = 0; i < ManyFiles; i++)
        {
            File.WriteAllBytes(_folder[$"tree/many/{i} % ä 日.txt"], data.AsSpan(i, i * 7));
        }

        File.WriteAllBytes(_folder["tree/a/b/c/one chunk"], data.AsSpan(0, 1 << 20));
        File.WriteAllBytes(_folder["tree/a/b/one more"], data.AsSpan(0, (1 << 20) + 1));
        File.WriteAllBytes(_folder["tree/a/empty"], []);
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(_folder["tree/a/link"], "b/one more");
        }
    }

    public string Path => _folder["tree"];

    /// <summary>How it is imported.</summary>
    public static UnixFsImportOptions Import { get; } = new() { Profile = UnixFsProfile.V1_2025 with { ShardingThreshold = ShardingThreshold } };

    /// <summary>The bytes of all its files.</summary>
    public long Bytes => new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.LinkTarget is null).Sum(file => file.Length);

    public void Dispose() => _folder.Dispose();

    /// <summary>Fails unless a folder holds the very same.</summary>
    public void AssertSame(string folder) => Assert.Equal(Describe(Path), Describe(folder));

    private static IReadOnlyList<string> Describe(string folder) =>
    [
        .. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry => $"{System.IO.Path.GetRelativePath(folder, entry.FullName)}: {What(entry)}")
            .Order(StringComparer.Ordinal),
    ];

    private static string What(FileSystemInfo entry)
    {
        if (entry.LinkTarget is { } target)
        {
            return $"-> {target}";
        }

        if (entry is DirectoryInfo)
        {
            return "a folder";
        }

        using FileStream file = File.OpenRead(entry.FullName);
        return $"{file.Length} {Convert.ToHexString(SHA256.HashData(file))}";
    }
}
