using System.Globalization;
using System.Management.Automation;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Saves a file or directory to a disk. It is put together beside its place and moved there once it is whole and verified; a save that was
/// interrupted goes on where it ended. Nothing is ever written outside the destination.
/// </summary>
[Cmdlet(VerbsData.Save, "BitswapFile", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo), typeof(DirectoryInfo))]
public sealed class SaveBitswapFileCommand : ContentCmdlet
{
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _giveUp = new();
    private string _folder = "";
    private Task? _running;

    /// <summary>The folder to save into, which is there; the current one by default.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>The name to save under; by default the last one of the path, or the CID.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Replaces files that are there. A folder that is there is kept, and what is saved goes into it.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Takes all names that this system holds, also those that another system would not: a colon, a backslash, a device of Windows.</summary>
    [Parameter]
    public SwitchParameter AllowAnyName { get; set; }

    /// <summary>Gives the saved file or folder.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsPassing => true;

    private protected override void Begin()
    {
        _folder = GetUnresolvedProviderPathFromPSPath(Destination);
        if (!Directory.Exists(_folder))
        {
            throw new FaultException(Faults.FolderNotFound(_folder));
        }
    }

    private protected override void Read(GraphSource source, UnixFsReader reader, ContentPath path)
    {
        string name = Name ?? (path.Names.Count > 0 ? path.Names[^1] : path.Root.ToString());
        if (!ShouldProcess(Path.Combine(_folder, name), $"Save {path}"))
        {
            return;
        }

        Cid cid = ResolvePath(reader, path);
        SaveOptions options = new() { Force = Force, Names = AllowAnyName ? NameRules.System : NameRules.Portable };
        SaveProgress progress = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(StopToken, _giveUp.Token);
        long started = TimeProvider.System.GetTimestamp();
        Task<SaveResult> save = Task.Run(() => new UnixFsSaver(reader, options).SaveAsync(cid, _folder, name, progress, stop.Token));
        _running = save;
        using (ProgressMeter meter = new(this, $"Saving {name}", TimeProvider.System, "files"))
        {
            while (!PipelineThread.Wait(save, _glance))
            {
                meter.TotalBytes = progress.Total ?? 0;
                meter.Current = progress.Current.Length == 0 ? name : progress.Current;
                for (int files = progress.Files; meter.Done < files;)
                {
                    meter.Add(0);
                }

                meter.AddBytes(progress.Bytes - meter.Bytes);
            }
        }

        SaveResult saved = Take(save, progress);
        double seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        WriteVerbose(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: {saved.Files} files, {ByteSize.Format(saved.Bytes)} in {seconds:0.00} s; {ByteSize.Format(saved.Recovered)} were there from an earlier try."));
        if (PassThru)
        {
            WriteObject(saved.Entry.Type == UnixFsEntryType.Directory ? new DirectoryInfo(saved.Path) : new FileInfo(saved.Path));
        }
    }

    private static SaveResult Take(Task<SaveResult> save, SaveProgress progress)
    {
        try
        {
            return PipelineThread.Wait(new ValueTask<SaveResult>(save));
        }
        catch (BitswapException cause) when (progress.Bytes > 0)
        {
            throw new FaultException(Faults.SaveBrokenOff(cause, progress.Bytes, progress.Total));
        }
    }

    private protected override void Release()
    {
        _giveUp.Cancel();
        if (_running is not null)
        {
            PipelineThread.Wait(Task.WhenAny(_running));
        }

        base.Release();
        _giveUp.Dispose();
    }
}
