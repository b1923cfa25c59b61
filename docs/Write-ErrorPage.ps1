#Requires -Version 7.6
<#
.SYNOPSIS
    Writes docs/errors.md from the catalogue in the built module. With -Check, fails if the page differs.
.DESCRIPTION
    Run it in a new process, as ./build.ps1 Docs does: a process that has loaded an older build of the module would write the page from that build.
#>
[CmdletBinding()]
param(
    [switch] $Check
)

$ErrorActionPreference = 'Stop'
$page = Join-Path $PSScriptRoot 'errors.md'
$assembly = [Reflection.Assembly]::LoadFrom((Convert-Path -LiteralPath (Join-Path $PSScriptRoot '../bin/Bitswap/Bitswap.dll')))
$catalogue = $assembly.GetType('Bitswap.Errors.ErrorCatalog', $true).GetProperty('All').GetValue($null)
$lines = @(
    '# Errors'
    ''
    '<!-- Written by ./build.ps1 Docs from src/Bitswap/Errors/ErrorCatalog.cs. Change it there. -->'
    ''
    'Each error of the module has an id that does not change between versions, a PowerShell category, a target object and a remedy. An error about one item of'
    'several is non-terminating: the cmdlet continues with the other items. An error that affects the whole call is terminating.'
    ''
    '```powershell'
    'try {'
    '    Get-BitswapBlock $cid -ErrorAction Stop'
    '}'
    'catch {'
    '    ($_.FullyQualifiedErrorId -split '','')[0]    # the id, such as BlockUnavailable'
    '    $_.CategoryInfo.Category                    # ObjectNotFound'
    '    $_.TargetObject                             # the CID'
    '    $_.ErrorDetails.RecommendedAction           # the remedy'
    '}'
    '```'
    ''
    '| id | category | cause | remedy |'
    '|---|---|---|---|'
    foreach ($kind in $catalogue) {
        '| `{0}` | {1} | {2} | {3} |' -f $kind.Id, $kind.Category, $kind.When.Replace('|', '\|'), $kind.Remedy.Replace('|', '\|').Replace('<', '\<')
    }
)
$text = ($lines -join "`n") + "`n"
if (-not $Check) {
    [IO.File]::WriteAllText($page, $text)
    return
}

if (-not (Test-Path -LiteralPath $page) -or [IO.File]::ReadAllText($page).ReplaceLineEndings("`n") -cne $text) {
    throw 'docs/errors.md does not match the catalogue. Run ./build.ps1 Docs to write it again.'
}
