/** Pictures of a report without a drawing library, and their drawing as PNG and SVG. */
package org.lorica.report.figure;
