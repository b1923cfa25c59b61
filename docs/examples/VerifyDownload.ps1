<#
.SYNOPSIS
    Tells whether a file or folder that came from anywhere is what its CID says. Nothing is fetched, and no peer is asked.
.DESCRIPTION
    The CID must have been made with the same profile: 'ipfs add' makes unixfs-v0-2015, this module by default unixfs-v1-2025.
.EXAMPLE
    if (-not (./VerifyDownload.ps1 ./image.iso bafybei...)) { Remove-Item ./image.iso }
#>
[CmdletBinding()]
[OutputType([bool])]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [Parameter(Mandatory)]
    [string] $Cid,

    [string] $UnixFsProfile = 'unixfs-v1-2025'
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

$found = Get-BitswapCid -LiteralPath $Path -Profile $UnixFsProfile
"$($found.Cid)" -eq "$((Get-BitswapCid -Cid $Cid).Cid)"
