<#
.SYNOPSIS
    Fetches a file that Provider.ps1 serves.
.DESCRIPTION
    The CID is that of a block that lists the blocks of the file. The script fetches all of them together, and writes each to its place as it
    arrives. The node checks each block against its CID.
.EXAMPLE
    ./Client.ps1 -Address /ip4/127.0.0.1/tcp/40001/p2p/12D3Koo... -Cid bafkrei... -Destination ./copy
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Address,

    [Parameter(Mandatory)]
    [string] $Cid,

    [Parameter(Mandatory)]
    [string] $Destination
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

$node = Start-BitswapNode
$file = $null
try {
    $null = Connect-BitswapPeer $Address -Node $node
    $list = Get-BitswapBlock $Cid -Node $node -AsString | ConvertFrom-Json

    # a file can contain the same block more than once
    $places = @{}
    $offset = 0L
    foreach ($block in $list.blocks) {
        if (-not $places.ContainsKey($block.cid)) {
            $places[$block.cid] = [Collections.Generic.List[long]]::new()
        }

        $places[$block.cid].Add($offset)
        $offset += $block.size
    }

    $file = [IO.File]::Create($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Destination))
    $timer = [Diagnostics.Stopwatch]::StartNew()
    $places.Keys | Get-BitswapBlock -Node $node | ForEach-Object {
        foreach ($place in $places["$($_.Cid)"]) {
            $file.Position = $place
            $file.Write($_.Data)
        }
    }

    $timer.Stop()
    $stat = Get-BitswapStat $node
    [pscustomobject]@{
        Name    = $list.name
        Size    = $list.size
        Blocks  = $list.blocks.Count
        Seconds = [Math]::Round($timer.Elapsed.TotalSeconds, 3)
        MiBps   = [Math]::Round($list.size / 1MB / $timer.Elapsed.TotalSeconds, 1)
        From    = $Address
        Fetched = $stat.BytesReceived
    }
}
finally {
    ${file}?.Dispose()
    Stop-BitswapNode $node
}
