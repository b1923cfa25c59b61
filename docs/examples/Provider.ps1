<#
.SYNOPSIS
    Serves a file to Bitswap peers until Ctrl+C, SIGTERM or a stop file.
.DESCRIPTION
    The script splits the file into blocks, and adds one more block that lists their CIDs. The CID of this block stands for the whole file. The
    script prints one line of JSON with the address of the node and this CID: { "address", "cid" }.
.EXAMPLE
    pwsh -File Provider.ps1 -Path ./LICENSE
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [ValidateRange(1, 2MB)]
    [int] $BlockSize = 256KB,

    [string] $ListenAddress = '/ip4/127.0.0.1/tcp/0',

    # A file that stops the script when it appears.
    [string] $StopFile
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

$node = Start-BitswapNode -ListenAddress $ListenAddress
$file = [IO.File]::OpenRead((Convert-Path -LiteralPath $Path))
try {
    $blocks = & {
        $buffer = [byte[]]::new($BlockSize)
        while (($read = $file.ReadAtLeast($buffer, $BlockSize, $false)) -gt 0) {
            # the comma keeps PowerShell from piping single bytes
            , [ArraySegment[byte]]::new($buffer, 0, $read).ToArray()
        }
    } | Add-BitswapBlock -Node $node

    $list = @{
        name   = Split-Path -Leaf $Path
        size   = $file.Length
        blocks = @($blocks | ForEach-Object { @{ cid = "$($_.Cid)"; size = $_.Size } })
    } | ConvertTo-Json -Compress -Depth 3 | Add-BitswapBlock -Node $node

    @{ address = "$($node.Addresses[0])"; cid = "$($list.Cid)" } | ConvertTo-Json -Compress
    $stop = $StopFile ? @{ StopFile = $StopFile } : @{}
    Wait-BitswapNode $node @stop
}
finally {
    $file.Dispose()
    Stop-BitswapNode $node
}
