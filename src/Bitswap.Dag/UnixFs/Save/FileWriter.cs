using System.Buffers;
using System.Security.Cryptography;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Read;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>
/// Writes one file where it is put together. Nothing is written as long as all of it is the same as in the file at the target; from the first difference
/// on, it is a copy of what was the same, and what is new.
/// </summary>
internal sealed class FileWriter : IDisposable
{
    private const int CopySize = 1 << 20;
    private readonly string _path;
    private readonly string? _target;
    private readonly SafeFileHandle? _there;

    // of what was the same so far; only where there is something to compare with
    private readonly IncrementalHash? _seen;
    private SafeFileHandle? _file;
    private long _same;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Where it is put together.</param>
    /// <param name="target">The file that is where it is to be, or null.</param>
    /// <param name="size">Its length.</param>
    public FileWriter(string path, string? target, long size)
    {
        _path = path;
        _target = target;

        // begun by an earlier save: it goes on
        FileKind begun = Disk.At(path);
        if (begun is not (FileKind.File or FileKind.None))
        {
            Disk.Remove(path);
        }

        if (begun != FileKind.File && target is not null && FileFacts.Read(target, follow: false)?.Length == size)
        {
            _there = TryOpen(target);
        }

        if (_there is null)
        {
            _file = OpenOwn();
        }
        else
        {
            _seen = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }
    }

    /// <summary>Gets whether anything had to be written.</summary>
    public bool IsWritten => _file is not null;

    /// <summary>Takes the bytes that come next.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, long offset, BlockOrigin origin, CancellationToken cancellationToken)
    {
        if (_file is null)
        {
            if (offset == _same && (origin == BlockOrigin.Target || await DiskBlocks.IsSameAsync(_there!, offset, data, cancellationToken).ConfigureAwait(false)))
            {
                _seen!.AppendData(data.Span);
                _same += data.Length;
                return;
            }

            await CopyAsync(cancellationToken).ConfigureAwait(false);
        }

        if (origin != BlockOrigin.Partial)
        {
            await RandomAccess.WriteAsync(_file!, data, offset, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the file.</summary>
    public void Complete(long size)
    {
        if (_file is not null)
        {
            RandomAccess.SetLength(_file, size);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _there?.Dispose();
        _file?.Dispose();
        _seen?.Dispose();
    }

    private static SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // one that cannot be compared is replaced
            return null;
        }
    }

    private SafeFileHandle OpenOwn()
    {
        if (Disk.At(_path) == FileKind.File && !OperatingSystem.IsWindows())
        {
            // it may have been finished, and made read-only
            File.SetUnixFileMode(_path, File.GetUnixFileMode(_path) | UnixFileMode.UserWrite);
        }

        return File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
    }

    // what was compared is what is copied, even where the file is written to between
    private async ValueTask CopyAsync(CancellationToken cancellationToken)
    {
        _file = OpenOwn();
        using IncrementalHash copied = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopySize);
        try
        {
            for (long offset = 0; offset < _same;)
            {
                Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, _same - offset));
                if (!await DiskBlocks.FillAsync(_there!, offset, piece, cancellationToken).ConfigureAwait(false))
                {
                    throw Changed();
                }

                copied.AppendData(piece.Span);
                await RandomAccess.WriteAsync(_file, piece, offset, cancellationToken).ConfigureAwait(false);
                offset += piece.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (!copied.GetHashAndReset().AsSpan().SequenceEqual(_seen!.GetHashAndReset()))
        {
            throw Changed();
        }
    }

    private SaveException Changed() => new(ReadErrorIds.SaveFailed, $"'{_target}' was written to while it was compared with what is saved.", _target!);
}
