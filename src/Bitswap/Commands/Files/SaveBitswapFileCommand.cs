using System.Globalization;
using System.Management.Automation;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Live;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Saves a file or directory to a disk. All names and links, the size and the free space are checked first. What differs from what is there is put together
/// beside its place and moved there once it is whole and verified; a save that was interrupted goes on where it ended. Nothing is ever written outside the
/// destination.
/// </summary>
[Cmdlet(VerbsData.Save, "BitswapFile", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo), typeof(DirectoryInfo))]
public sealed class SaveBitswapFileCommand : ContentCmdlet
{
    private static readonly ReadLimits _noLimits = new()
    {
        MaxEntries = 1_000_000_000,
        MaxTotalSize = 1L << 62,
        MaxDepth = 4096,
        MaxFileDepth = 1024,
        MaxLinks = 1 << 20,
    };
    private readonly CancellationTokenSource _giveUp = new();
    private string _folder = "";
    private Task? _running;
    private SaveProgress? _progress;

    /// <summary>The folder to save into, the current one by default. It is made where it is not there.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>The name to save under; by default that of the object, the last one of the path, or the CID.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Replaces files that are there and differ. A folder that is there is kept, and what is saved goes into it.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Takes all names that this system holds, also those that another system would not: a colon, a backslash, a device of Windows.</summary>
    [Parameter]
    public SwitchParameter AllowAnyName { get; set; }

    /// <summary>Leaves out entries that cannot be saved, and warns of each: names and symlinks that lead out of the destination, and blocks that are no files.</summary>
    [Parameter]
    public SwitchParameter SkipUnsafe { get; set; }

    /// <summary>Saves also what has more than 256 GiB or 250 000 entries, or is deeper than usual. The free space is looked at all the same.</summary>
    [Parameter]
    public SwitchParameter AllowLarge { get; set; }

    /// <summary>Gives the saved file or folder.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsPassing => true;

    private protected override void Begin() => _folder = GetUnresolvedProviderPathFromPSPath(Destination);

    private protected override void Read(GraphSource source, UnixFsReader reader, ContentPath path)
    {
        string name = Name ?? Current.Name ?? (path.Names.Count > 0 ? path.Names[^1] : path.Root.ToString());
        if (!ShouldProcess(Path.Combine(_folder, name), $"Save {path}"))
        {
            return;
        }

        Cid cid = ResolvePath(reader, path, source);
        SaveOptions options = new()
        {
            Force = Force,
            Names = AllowAnyName ? NameRules.System : NameRules.Portable,
            SkipUnsafe = SkipUnsafe,
            ReadsAll = root => source.Expect(new GraphRange(root, GraphScope.All)),
        };
        if (AllowLarge)
        {
            reader = new UnixFsReader(source.Reader, _noLimits);
            options = options with { MaxEntries = _noLimits.MaxEntries, MaxTotalSize = _noLimits.MaxTotalSize };
        }

        SaveProgress progress = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _giveUp.Token);
        long started = TimeProvider.System.GetTimestamp();
        Task<SaveResult> save = Task.Run(() => new UnixFsSaver(reader, options).SaveAsync(cid, _folder, name, progress, stop.Token));
        (_running, _progress) = (save, progress);
        using (ProgressMeter meter = new(this, $"Saving {Display.Short(name)}", TimeProvider.System, "files") { WaitsFor = source.WaitsFor })
        {
            meter.Follow(save, shown =>
            {
                shown.TotalBytes = progress.Total ?? 0;
                shown.Current = progress.Current.Length == 0 ? name : progress.Current;
                shown.MoveTo(progress.Files, progress.Bytes);
            });
        }

        SaveResult saved = Take(save, progress);
        Tell(path, saved, TimeProvider.System.GetElapsedTime(started).TotalSeconds);
        if (PassThru)
        {
            WriteObject(saved.Entry.Type == UnixFsEntryType.Directory ? new DirectoryInfo(saved.Path) : new FileInfo(saved.Path));
        }
    }

    private SaveResult Take(Task<SaveResult> save, SaveProgress progress)
    {
        try
        {
            return PipelineThread.Wait(new ValueTask<SaveResult>(save));
        }
        catch (BitswapException cause) when (progress.Bytes > 0)
        {
            throw new FaultException(Faults.SaveBrokenOff(cause, progress.Bytes, progress.Total));
        }
        catch (UnsavableException unsafeEntries)
        {
            throw new FaultException(Faults.Unsavable(unsafeEntries, AllowAnyName));
        }
        catch (DagException limit) when (limit.ErrorId == DagErrorIds.DagLimitExceeded && !AllowLarge)
        {
            throw new FaultException(Faults.TooLargeToSave(limit));
        }
    }

    private void Tell(ContentPath path, SaveResult saved, double seconds)
    {
        foreach (UnsavableEntry entry in saved.Skipped)
        {
            WriteWarning(entry.Message);
        }

        if (saved.SkippedCount > saved.Skipped.Count)
        {
            WriteWarning($"{saved.SkippedCount - saved.Skipped.Count} more entries cannot be saved and are skipped.");
        }

        WriteVerbose(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: {saved.Files} files and {saved.Symlinks} symlinks, of which {saved.Unchanged} are unchanged on the disk; {ByteSize.Format(saved.Bytes)} in {seconds:0.00} s, of which {ByteSize.Format(saved.Recovered)} were on the disk already."));
        if (saved.IsUnchanged && !Force)
        {
            WriteWarning($"'{saved.Path}' already has the same content. Nothing is written.");
        }
    }

    private protected override void Release()
    {
        _giveUp.Cancel();
        if (_running is not null)
        {
            PipelineThread.Wait(Task.WhenAny(_running));
            TellStopped();
        }

        base.Release();
        _giveUp.Dispose();
    }

    // a pipeline that is stopped takes no warnings: the host is told
    private void TellStopped()
    {
        if (StopToken.IsCancellationRequested && _progress?.Kept is { } kept && !Terminal.IsNonInteractive)
        {
            Host.UI.WriteWarningLine(
                $"The save was stopped. {ByteSize.Format(_progress.Bytes)} of it are kept in '{kept}'. Run the same command again to continue from there, or remove that folder to discard them.");
        }
    }
}
