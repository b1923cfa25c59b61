using System.Collections.Concurrent;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;

namespace Bitswap.Node.Tests.Support;

/// <summary>A file or a folder as blocks.</summary>
/// <param name="Root">Its root.</param>
/// <param name="Blocks">All its blocks, in no order.</param>
/// <param name="Content">The bytes of the file; of a folder, those of all its files by their paths' order.</param>
internal sealed record SampleGraph(Cid Root, IReadOnlyList<Block> Blocks, byte[] Content)
{
    /// <summary>Makes a file.</summary>
    /// <param name="seed">What its bytes are drawn from.</param>
    /// <param name="size">How many.</param>
    /// <param name="chunk">Bytes of a block.</param>
    public static async Task<SampleGraph> FileAsync(int seed, int size, int chunk)
    {
        byte[] content = new byte[size];
        new Random(seed).NextBytes(content);
        return await FileOfAsync(content, chunk);
    }

    /// <summary>Makes a file of bytes.</summary>
    public static async Task<SampleGraph> FileOfAsync(byte[] content, int chunk)
    {
        using Collector collector = new(chunk);
        using MemoryStream stream = new(content);
        UnixFsImport file = await collector.Importer.ImportAsync(stream);
        return new SampleGraph(file.Cid, collector.Blocks, content);
    }

    /// <summary>Makes a folder of folders of files.</summary>
    /// <param name="folders">How many folders.</param>
    /// <param name="files">How many files each has.</param>
    /// <param name="size">Bytes of each file.</param>
    /// <param name="chunk">Bytes of a block.</param>
    public static async Task<SampleGraph> FolderAsync(int folders, int files, int size, int chunk)
    {
        using Collector collector = new(chunk);
        List<KeyValuePair<string, UnixFsImport>> top = [];
        MemoryStream all = new();
        for (int i = 0; i < folders; i++)
        {
            List<KeyValuePair<string, UnixFsImport>> entries = [];
            for (int j = 0; j < files; j++)
            {
                byte[] content = new byte[size];
                new Random((i * files) + j).NextBytes(content);
                all.Write(content);
                using MemoryStream stream = new(content);
                entries.Add(new($"file{j:000}.bin", await collector.Importer.ImportAsync(stream)));
            }

            top.Add(new($"folder{i:000}", await collector.Importer.WrapAsync(entries)));
        }

        UnixFsImport root = await collector.Importer.WrapAsync(top);
        return new SampleGraph(root.Cid, collector.Blocks, all.ToArray());
    }

    /// <summary>Makes a folder of one-block files that is spread over many blocks.</summary>
    /// <param name="files">How many files.</param>
    public static async Task<SampleGraph> ShardedFolderAsync(int files)
    {
        using Collector collector = new(1024);
        List<KeyValuePair<string, UnixFsImport>> entries = [];
        for (int i = 0; i < files; i++)
        {
            using MemoryStream stream = new(BitConverter.GetBytes(i));

            // Names are long, since a folder is spread by the size of its block.
            entries.Add(new($"{i:0000}-{new string('x', 220)}", await collector.Importer.ImportAsync(stream)));
        }

        UnixFsImport root = await collector.Importer.WrapAsync(entries);
        return new SampleGraph(root.Cid, collector.Blocks, []);
    }

    private sealed class Collector : IDisposable
    {
        private readonly ConcurrentQueue<Block> _blocks = new();

        public Collector(int chunk) => Importer = new UnixFsImporter(
            new UnixFsImportOptions { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(chunk) } },
            (cid, data, _) =>
            {
                _blocks.Enqueue(new Block(cid, data.ToArray()));
                return ValueTask.CompletedTask;
            });

        public UnixFsImporter Importer { get; }

        public IReadOnlyList<Block> Blocks => [.. _blocks];

        public void Dispose() => Importer.Dispose();
    }
}
