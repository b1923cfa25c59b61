using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Building;
using Bitswap.Dag.UnixFs.Import.Files;

namespace Bitswap.Dag.UnixFs.Import;

/// <summary>
/// Makes blocks of files and folders, with the CIDs that <c>ipfs add</c> gives them under the same profile (specs.ipfs.tech/unixfs, IPIP-499).
/// </summary>
/// <remarks>
/// <para>Chunks are read, hashed and written on all cores, each in one buffer from the disk to the writer; their order is kept by
/// joining them in it. Memory does not grow with the size of a file: it is <see cref="UnixFsImportOptions.MaxBufferedBytes"/> and the links of a
/// node a level. Of folders, it holds the entries of those that are not done.</para>
/// <para>A block is written after all blocks it links to, so what an interrupted import leaves is whole parts without a root.</para>
/// <para>One import runs at a time on an importer; its members are otherwise for any thread.</para>
/// </remarks>
public sealed class UnixFsImporter : IDisposable
{
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ImportContext _context;
    private readonly BlockSink _sink;
    private readonly LeafPool _pool;

    /// <summary>Makes an importer.</summary>
    /// <param name="options">What is imported, and how.</param>
    /// <param name="writer">Who takes the blocks; null only finds out the CIDs.</param>
    /// <exception cref="DagException">InvalidProfile: see <see cref="UnixFsImportOptions.Validate"/>.</exception>
    public UnixFsImporter(UnixFsImportOptions options, BlockWriter? writer)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        int size = options.Profile.Chunker.MaxSize + LeafFrame.MaxOverhead;
        int places = (int)Math.Clamp(options.MaxBufferedBytes / size, 2, 4 * Environment.ProcessorCount);
        _sink = new BlockSink(options.Profile, writer);
        _pool = new LeafPool(places, size);
        _context = new ImportContext(options, _sink, _pool, Progress);
    }

    /// <summary>Gets how far it is, over all its imports.</summary>
    public ImportProgress Progress { get; } = new();

    /// <summary>Gets the blocks written, or only hashed, so far.</summary>
    public long Blocks => _sink.Blocks;

    /// <summary>Imports a file, a folder with all that is in it, or a symbolic link.</summary>
    /// <param name="path">The path; relative to the working directory of the process.</param>
    /// <param name="cancellationToken">Ends the import; it is looked at with every chunk.</param>
    /// <exception cref="DagException">PathNotFound; FileChanged: a file changed or vanished while it was read; FileUnreadable; NotAFile: the path is that of a
    /// pipe, a socket or a device (one within a folder is left out, see <see cref="UnixFsImport.Skipped"/>); UnsafeName; DagLimitExceeded: too deep, or
    /// links that lead round in a circle.</exception>
    public Task<UnixFsImport> ImportAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        return Task.Run(() => ImportPathAsync(full, cancellationToken), cancellationToken);
    }

    /// <summary>Imports what a stream gives from where it stands to its end, as a file without mode and time.</summary>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public async Task<UnixFsImport> ImportAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        DagEntry entry = await StreamImport.RunAsync(_context, stream, default, cancellationToken).ConfigureAwait(false);
        Progress.AddFile();
        return new UnixFsImport(entry.Cid, UnixFsType.File, (long)entry.FileSize, entry.TotalSize);
    }

    /// <summary>Makes a directory of what is imported already.</summary>
    /// <param name="entries">The names and what they stand for.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <exception cref="DagException">DuplicateName; UnsafeName: a name is empty, a dot or two, has a slash or is no Unicode text.</exception>
    public async Task<UnixFsImport> WrapAsync(IReadOnlyList<KeyValuePair<string, UnixFsImport>> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        List<DagPbLink> links = [];
        HashSet<string> names = [];
        long size = 0;
        foreach ((string name, UnixFsImport import) in entries)
        {
            CheckName(name);
            if (!names.Add(name))
            {
                throw ImportErrors.Duplicate(name, name);
            }

            links.Add(new DagPbLink(import.Cid, name, import.DagSize));
            size += import.Size;
        }

        DagEntry entry = await DirectoryNodes.WriteAsync(_sink, _context.Profile, links, default, cancellationToken).ConfigureAwait(false);
        return new UnixFsImport(entry.Cid, UnixFsType.Directory, size, entry.TotalSize);
    }

    /// <summary>Gives its buffers back. No import may be under way.</summary>
    public void Dispose() => _pool.Dispose();

    private async Task<UnixFsImport> ImportPathAsync(string path, CancellationToken cancellationToken)
    {
        if (!PathFacts.Exists(path))
        {
            throw ImportErrors.NotFound(path);
        }

        FileFacts facts = PathFacts.Read(_context.Options, path);
        EntryAttributes attributes = PathFacts.AttributesOf(_context.Options, facts);
        switch (facts.Kind)
        {
            case FileKind.File:
                Progress.AddTotal(facts.Length);
                DagEntry file = await FileImport.RunAsync(_context, path, facts, attributes, cancellationToken).ConfigureAwait(false);
                return new UnixFsImport(file.Cid, UnixFsType.File, (long)file.FileSize, file.TotalSize);

            case FileKind.Directory:
                using (var walk = new TreeWalk(_context, cancellationToken))
                {
                    return await walk.RunAsync(path, facts).ConfigureAwait(false);
                }

            case FileKind.Symlink when _context.Options.Symlinks == SymlinkRule.Follow:
                throw ImportErrors.Dangling(path);

            case FileKind.Symlink:
                DagEntry link = await SymlinkImport.RunAsync(_context, path, attributes, cancellationToken).ConfigureAwait(false);
                return new UnixFsImport(link.Cid, UnixFsType.Symlink, 0, link.TotalSize);

            default:
                throw ImportErrors.Special(path);
        }
    }

    private static void CheckName(string name)
    {
        bool valid = name is not (null or "" or "." or "..") && !name.Contains('/', StringComparison.Ordinal);
        try
        {
            if (valid)
            {
                _ = _strictUtf8.GetByteCount(name!);
            }
        }
        catch (EncoderFallbackException)
        {
            valid = false;
        }

        if (!valid)
        {
            throw ImportErrors.BadName(name ?? "");
        }
    }
}
